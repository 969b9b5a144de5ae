"""Every address against everybody: what each person of the cast gets, in one table. An address without a row fails."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from airdays import bulletin
from casefile import NINE, OFFICE
from django.conf import settings
from django.http import FileResponse
from django.test import Client
from django.urls import get_resolver, reverse
from driving import drive_of, scan_of, vehicle
from PIL import Image
from shapely import box

from qingyuan.forecasting.api import bring_bulletin
from qingyuan.forwarding.api import define_destination
from qingyuan.inspecting.api import Photo, record_flight, take_media
from qingyuan.inspecting.queries import Media
from qingyuan.kit import clock
from qingyuan.people.api import enter_contact, issue_program_token
from qingyuan.people.queries import program_tokens_of
from qingyuan.places.api import (
    BroughtFile,
    OutfallFacts,
    declare_warning,
    draw_water,
    draw_zone,
    enter_document,
    enter_order,
    enter_outfall,
    register_station,
)
from qingyuan.recording.api import confirm_import, lay_out_import, start_import
from qingyuan.sensing.api import bring_footage, register_camera

pytestmark = pytest.mark.django_db


PEOPLE = (
    "duty_officer", "analyst", "officer", "grid_worker", "other_grid_worker", "handler", "supervisor", "leader",
    "enterprise", "other_enterprise", "administrator",
)  # fmt: skip


# The station, its finding and its case stand in East Town, of which the first grid worker is in charge, and belong to
# the first enterprise. The case waits for that grid worker, who has filed an inspection. A name with ! is posted to.
EXPECTED = """
                     duty anal offi grid othr hand supe lead ente othe admi
home                  302  302  302  302  302  302  302  302  302  302  302
stream                200  200  200  200  200  200  200  200  200  200  200
watch                 200  200  200  403  403  403  200  200  403  403  200
watch-values          200  200  200  403  403  403  200  200  403  403  200
watch-states          200  200  200  403  403  403  200  200  403  403  200
watch-news            200  200  200  403  403  403  200  200  403  403  200
watch-points          200  200  200  403  403  403  200  200  403  403  200
watch-point-values    200  200  200  403  403  403  200  200  403  403  200
watch-points-layers   200  200  200  403  403  403  200  200  403  403  200
hub                   200  200  200  403  403  403  200  200  403  403  200
hub-now               200  200  200  403  403  403  200  200  403  403  200
hub-lines             200  200  200  403  403  403  200  200  403  403  200
hub-sources           200  200  200  403  403  403  200  200  403  403  200
hub-packets           200  200  200  403  403  403  200  200  403  403  200
findings              200  200  200  200  200  200  200  200  200  200  200
archive               200  200  200  200  200  200  200  200  200  200  200
archive-table         200  200  200  200  200  200  200  200  200  200  200
document-file         200  200  200  200  404  200  200  200  200  404  200
sites                 200  200  200  200  200  200  200  200  200  200  200
sites-table           200  200  200  200  200  200  200  200  200  200  200
thresholds            200  200  200  200  200  200  200  200  200  200  200
threshold-new         403  200  200  403  403  403  403  403  403  403  200
station-threshold     403  200  200  403  403  403  403  403  403  403  200
project-new           403  200  200  403  403  403  403  403  403  403  200
forecasts             200  200  200  200  200  200  200  200  200  200  200
forecast-scores       200  200  200  200  200  200  200  200  200  200  200
forecast-score-hours  200  200  200  200  200  200  200  200  200  200  200
forecast              404  404  404  404  404  404  404  404  404  404  404
air-forecasts         200  200  200  200  200  200  200  200  200  200  200
air-forecast-days     200  200  200  200  200  200  200  200  200  200  200
air-forecast-usual    422  422  422  422  422  422  422  422  422  422  422
air-forecasts-table   200  200  200  200  200  200  200  200  200  200  200
air-forecasts-scores  200  200  200  200  200  200  200  200  200  200  200
air-forecasts-question 200  200  200  200  200  200  200  200  200  200  200
air-bulletins         200  200  200  200  200  200  200  200  200  200  200
air-bulletins!        422  422  422  422  422  422  422  422  422  422  422
air-bulletin          404  200  200  200  200  200  200  200  200  200  200
air-bulletin-enter!   404  302  403  403  403  403  403  403  403  403  403
finding               200  200  200  200  404  200  200  200  200  404  200
finding-total         404  404  404  404  404  404  404  404  404  404  404
finding-dismiss!      422  422  403  403  403  403  403  403  403  403  403
finding-open-case!    409  403  403  403  403  403  403  403  403  403  403
finding-then          200  200  200  200  404  200  200  200  200  404  200
finding-would-change  200  200  200  200  404  200  200  200  200  404  200
finding-pollution!    422  422  422  422  404  422  422  403  403  403  403
finding-trace!        409  409  409  403  403  403  409  403  403  403  403
traces                200  200  200  403  403  403  200  200  403  403  200
pollution-types       200  200  200  200  200  200  200  200  200  200  200
clue                  200  200  200  200  200  200  200  200  403  403  200
clue!                 422  422  422  422  422  422  422  422  403  403  422
watch-rules           200  200  200  403  403  403  200  200  403  403  200
watch-new             403  200  403  403  403  403  403  403  403  403  200
watch-new!            403  422  403  403  403  403  403  403  403  403  422
watch-end!            403  404  403  403  403  403  403  403  403  403  404
override              403  200  403  403  403  403  403  403  403  403  200
override!             403  422  403  403  403  403  403  403  403  403  422
override-end!         403  404  403  403  403  403  403  403  403  403  404
trial                 403  200  403  403  403  403  403  403  403  403  200
trial-force!          403  422  403  403  403  403  403  403  403  403  422
rules-json            200  200  200  403  403  403  200  200  403  403  200
rehearsals            200  200  200  403  403  403  200  200  403  403  200
rehearsal-new         403  200  403  403  403  403  403  403  403  403  200
rehearsal-new!        403  422  403  403  403  403  403  403  403  403  422
rehearsal             200  200  200  403  403  403  200  200  403  403  200
rehearsal-csv         200  200  200  403  403  403  200  200  403  403  200
rehearsal-json        200  200  200  403  403  403  200  200  403  403  200
rehearsal-rules       200  200  200  403  403  403  200  200  403  403  200
rehearsal-force!      403  404  403  403  403  403  403  403  403  403  404
rehearsal-drop!       403  404  403  403  403  403  403  403  403  403  404
screenings            200  200  200  403  403  403  200  200  403  403  200
screened-rows         200  200  200  403  403  403  200  200  403  403  200
screening-new         200  200  200  403  403  403  200  200  403  403  200
screening-new!        422  422  422  403  403  403  422  422  403  403  422
screening             200  200  200  403  403  403  200  200  403  403  200
screening-change      200  200  200  403  403  403  200  200  403  403  200
screening-change!     422  422  422  403  403  403  422  422  403  403  422
screening-run!        302  302  302  403  403  403  302  302  403  403  302
screened              200  200  200  403  403  403  200  200  403  403  200
screened-table        200  200  200  403  403  403  200  200  403  403  200
screened-clue!        302  409  409  403  403  403  409  409  403  403  409
screened-case!        302  403  403  403  403  403  403  403  403  403  403
screened-cases!       422  422  422  403  403  403  422  422  403  403  422
satellite             200  200  200  200  200  200  200  200  403  403  200
spots                 200  200  200  200  200  200  200  200  403  403  200
spot-rules            200  200  200  200  200  200  200  200  403  403  200
problem               200  200  200  200  404  200  200  200  403  403  200
problem-clue!         422  422  403  403  403  403  403  403  403  403  403
spot-files            200  200  403  403  403  403  403  403  403  403  200
spot-files!           422  422  403  403  403  403  403  403  403  403  422
spot-file             200  200  403  403  403  403  403  403  403  403  200
spot-file-enter!      403  409  403  403  403  403  403  403  403  403  403
spot-file-undo!       403  422  403  403  403  403  403  403  403  403  422
spot-evidence         302  302  302  302  404  302  302  302  403  403  302
flights               200  200  200  200  200  200  200  200  403  403  200
flight-new            200  200  200  403  403  403  403  403  403  403  200
flight-new!           422  422  422  403  403  403  403  403  403  403  422
zones                 200  200  200  200  200  200  200  200  403  403  200
zone-new              403  200  200  403  403  403  403  403  403  403  200
zone-new!             403  422  422  403  403  403  403  403  403  403  422
flight                200  200  200  200  404  200  200  200  403  403  200
flight-layers         200  200  200  200  404  200  200  200  403  403  200
flight-bring!         422  422  422  403  403  403  403  403  403  403  422
flight-note!          422  422  422  403  403  403  403  403  403  403  422
flight-report!        404  404  404  403  403  403  403  403  403  403  404
flight-picture        200  200  200  200  404  200  200  200  403  403  200
flight-picture-small  200  200  200  200  404  200  200  200  403  403  200
drives                200  200  200  200  200  200  200  200  403  403  200
drives-compare        422  422  422  422  422  422  422  422  403  403  422
drives-compare-layers 422  422  422  422  422  422  422  422  403  403  422
drive                 200  200  200  200  404  200  200  200  403  403  200
drive-table           200  200  200  200  404  200  200  200  403  403  200
drive-layers          200  200  200  200  404  200  200  200  403  403  200
drive-layer           200  200  200  200  404  200  200  200  403  403  200
drive-moments         200  200  200  200  404  200  200  200  403  403  200
drive-series          200  200  200  200  404  200  200  200  403  403  200
drive-clue!           422  422  422  422  404  422  422  422  403  403  422
lidars                200  200  200  200  200  200  200  200  403  403  200
lidar                 200  200  200  200  404  200  200  200  403  403  200
scan                  200  200  200  200  404  200  200  200  403  403  200
scan-layers           200  200  200  200  404  200  200  200  403  403  200
scan-layer            200  200  200  200  404  200  200  200  403  403  200
scan-evidence         302  302  302  302  404  302  302  302  403  403  302
scan-clue!            422  422  422  422  404  422  422  422  403  403  422
finding-readings      200  200  200  200  404  200  200  200  200  404  200
cases                 200  200  200  200  200  200  200  200  403  403  200
case                  200  200  200  200  404  200  200  200  403  403  200
case-now              200  200  200  200  404  200  200  200  403  403  200
case-evidence         403  200  200  403  403  403  200  403  403  403  403
case-act              409  409  409  200  404  409  409  409  403  403  409
case-act!             403  403  403  422  404  403  403  403  403  403  403
case-record           409  409  409  200  404  409  409  409  403  403  409
case-record!          409  409  409  422  404  409  409  409  403  403  409
case-violation        403  403  200  403  404  403  200  403  403  403  403
case-violation!       403  403  422  403  404  403  422  403  403  403  403
violations            200  200  200  200  200  200  200  200  403  403  200
violations-table      200  200  200  200  200  200  200  200  403  403  200
layers                200  200  200  403  403  403  200  200  403  403  200
compliance            200  200  200  200  200  200  200  200  200  200  200
compliance-table      200  200  200  200  200  200  200  200  200  200  200
control-list          403  200  200  403  403  403  403  403  403  403  200
control-list!         403  422  422  403  403  403  403  403  403  403  422
case-type             200  200  200  200  200  200  200  200  200  200  200
case-type-drawing     200  200  200  200  200  200  200  200  200  200  200
case-type-bpmn        200  200  200  200  200  200  200  200  200  200  200
photo                 200  200  200  200  404  200  200  200  403  403  200
photo-small           200  200  200  200  404  200  200  200  403  403  200
tasks                 200  200  200  200  200  200  200  200  403  403  200
tasks-now             200  200  200  200  200  200  200  200  403  403  200
off-site              200  200  200  403  403  403  200  200  403  403  200
off-site-table        200  200  200  403  403  403  200  200  403  403  200
off-site-compare!     302  302  302  403  403  403  302  302  403  403  302
off-site-enterprise   200  200  200  403  403  403  200  200  403  403  200
credit                200  200  200  200  200  200  200  200  200  200  200
credit-table          200  200  200  200  200  200  200  200  200  200  200
credit-compute!       403  302  302  403  403  403  302  403  403  403  302
credit-rules          200  200  200  200  200  200  200  200  200  200  200
credit-rules-set      403  403  403  403  403  403  403  403  403  403  200
credit-rules-set!     403  403  403  403  403  403  403  403  403  403  422
credit-enterprise     200  200  200  200  404  200  200  200  200  404  200
credit-item           403  200  200  403  403  403  200  403  403  403  200
credit-item!          403  422  422  403  403  403  422  403  403  403  422
credit-item-withdraw  403  200  200  403  403  403  200  403  403  403  200
credit-item-withdraw! 403  422  422  403  403  403  422  403  403  403  422
credit-object         403  403  403  403  403  403  403  403  200  404  403
credit-object!        403  403  403  403  403  403  403  403  422  404  403
credit-answer         403  403  403  403  403  403  200  403  403  403  403
credit-answer!        403  403  403  403  403  403  422  403  403  403  403
places                200  200  200  200  200  200  200  200  200  200  200
enterprises           200  200  200  200  200  200  200  200  200  200  200
enterprise            200  200  200  200  404  200  200  200  200  404  200
paper-new             403  200  200  403  403  403  403  403  403  403  200
enterprise-video      200  200  200  200  404  200  200  200  403  403  200
review-new            403  200  200  403  403  403  403  403  403  403  200
review-new!           403  422  422  403  403  403  403  403  403  403  422
review                404  404  404  403  403  403  404  404  403  403  404
permit-sheets         403  200  200  403  403  403  403  403  403  403  200
permit-sheets!        403  422  422  403  403  403  403  403  403  403  422
permit-sheet-form     403  200  200  403  403  403  403  403  403  403  200
permit-sheet          403  404  404  403  403  403  403  403  403  403  404
permit-sheet-undo!    403  404  404  403  403  403  403  403  403  403  404
paper-new!            403  422  422  403  403  403  403  403  403  403  422
paper-change          403  200  200  403  403  403  403  403  403  403  200
paper-change!         403  422  422  403  403  403  403  403  403  403  422
paper-end             403  200  200  403  403  403  403  403  403  403  200
paper-end!            403  422  422  403  403  403  403  403  403  403  422
reach-new             403  200  200  403  403  403  403  403  403  403  200
reach-new!            403  422  422  403  403  403  403  403  403  403  422
warnings              200  200  200  200  200  200  200  200  200  200  200
warning               200  200  200  200  404  200  200  200  200  200  200
warning-new           200  403  403  403  403  403  200  403  403  403  200
warning-new!          422  403  403  403  403  403  422  403  403  403  422
sources               403  200  403  403  403  403  403  403  403  403  200
sources-table         403  200  403  403  403  403  403  403  403  403  200
sources-enter!        403  302  403  403  403  403  403  403  403  403  302
source-pairs          403  200  403  403  403  403  403  403  403  403  200
source-question       403  404  403  403  403  403  403  403  403  403  404
source-question!      403  404  403  403  403  403  403  403  403  403  404
source-pair           403  404  403  403  403  403  403  403  403  403  404
source-pair!          403  404  403  403  403  403  403  403  403  403  404
source-pair-back      403  404  403  403  403  403  403  403  403  403  404
source-pair-back!     403  404  403  403  403  403  403  403  403  403  404
source-builds         403  200  403  403  403  403  403  403  403  403  200
source-build-new!     403  302  403  403  403  403  403  403  403  403  302
source-build          403  404  403  403  403  403  403  403  403  403  404
source                403  404  403  403  403  403  403  403  403  403  404
source-part           403  404  403  403  403  403  403  403  403  403  404
source-part!          403  404  403  403  403  403  403  403  403  403  404
outfalls              200  200  200  200  200  200  200  200  200  200  200
outfalls-table        200  200  200  200  200  200  200  200  200  200  200
outfalls-live         200  200  200  200  200  200  200  200  200  200  200
outfalls-now          200  200  200  200  200  200  200  200  200  200  200
outfalls-news         200  200  200  200  200  200  200  200  200  200  200
outfall-new           403  200  200  403  403  403  403  403  403  403  200
outfall-new!          403  422  422  403  403  403  403  403  403  403  422
waters                200  200  200  200  200  200  200  200  200  200  200
water-new             403  200  200  403  403  403  403  403  403  403  200
water-new!            403  422  422  403  403  403  403  403  403  403  422
water-body            403  200  200  403  403  403  403  403  403  403  200
outfall               200  200  200  200  404  200  200  200  200  404  200
outfall-step          403  200  200  403  403  403  403  403  403  403  200
outfall-step!         403  422  422  403  403  403  403  403  403  403  422
outfall-step-back!    403  422  422  403  403  403  403  403  403  403  422
station               200  200  200  200  404  200  200  200  200  404  200
station-mark          403  403  403  403  404  403  403  403  200  404  403
station-mark!         403  403  403  403  404  403  403  403  422  404  403
station-video         200  200  200  200  404  200  200  200  403  403  200
station-footage       200  200  200  200  404  200  200  200  403  403  200
cameras               200  200  200  200  200  200  200  200  403  403  200
video-wall            200  200  200  200  200  200  200  200  403  403  200
camera-new            403  200  200  403  403  403  403  403  403  403  200
camera-new!           403  422  422  403  403  403  403  403  403  403  422
camera                200  200  200  200  404  200  200  200  403  403  200
camera-change         403  200  200  403  403  403  403  403  403  403  200
camera-change!        403  422  422  403  403  403  403  403  403  403  422
camera-end            403  200  200  403  403  403  403  403  403  403  200
camera-end!           403  422  422  403  403  403  403  403  403  403  422
camera-bring!         403  422  422  403  403  403  403  403  403  403  422
camera-play!          409  409  409  403  403  403  409  409  403  403  403
camera-live!          409  409  409  403  403  403  409  409  403  403  403
footage               200  200  200  200  404  200  200  200  403  403  200
footage-file          200  200  200  200  404  200  200  200  403  403  200
footage-case!         422  422  422  403  403  403  422  403  403  403  403
mark-withdraw         403  403  200  403  404  403  403  403  403  403  403
mark-withdraw!        403  403  422  403  404  403  403  403  403  403  403
mark-evidence         200  200  200  200  404  200  200  200  200  404  200
air                   200  200  200  200  200  200  200  200  200  200  200
air-table             200  200  200  200  200  200  200  200  200  200  200
air-day               200  200  200  200  200  200  200  200  200  200  200
air-station           200  200  200  200  404  200  200  200  404  404  200
air-station-table     200  200  200  200  404  200  200  200  404  404  200
air-hours             200  200  200  200  404  200  200  200  404  404  200
components            200  200  200  200  200  200  200  200  200  200  200
component-station     200  200  200  200  404  200  200  200  404  404  200
components-table      200  200  200  200  404  200  200  200  404  404  200
component-parts       404  404  404  404  404  404  404  404  404  404  404
air-data              200  200  200  200  200  200  200  200  200  200  200
water                 200  200  200  200  200  200  200  200  200  200  200
water-table           200  200  200  200  200  200  200  200  200  200  200
water-station         200  200  200  200  404  200  200  200  404  404  200
water-data            200  200  200  200  200  200  200  200  200  200  200
outlets               200  200  200  200  200  200  200  200  200  200  200
outlets-table         200  200  200  200  200  200  200  200  200  200  200
outlets-data          200  200  200  200  200  200  200  200  200  200  200
reporting             200  200  200  200  200  200  200  200  200  200  200
emissions             200  200  200  200  200  200  200  200  200  200  200
emissions-table       200  200  200  200  200  200  200  200  200  200  200
emissions-data        200  200  200  200  200  200  200  200  200  200  200
emissions-enterprise  200  200  200  200  404  200  200  200  200  404  200
emissions-tax         200  200  200  200  404  200  200  200  200  404  200
emissions-tax-table   200  200  200  200  404  200  200  200  200  404  200
emissions-outlet      200  200  200  200  404  200  200  200  200  404  200
emissions-outlet-table 200  200  200  200  404  200  200  200  200  404  200
emissions-day         404  404  404  404  404  404  404  404  404  404  404
emissions-series      200  200  200  200  404  200  200  200  200  404  200
vehicles              200  200  200  200  200  200  200  200  403  403  200
vehicles-table        404  404  404  404  404  404  404  404  403  403  404
vehicles-fleet        404  404  404  404  404  404  404  404  403  403  404
quality               200  200  200  200  200  200  200  200  200  200  200
quality-csv           200  200  200  200  200  200  200  200  200  200  200
quality-day           200  200  200  200  404  200  200  200  200  404  200
reading               200  200  200  200  404  200  200  200  200  404  200
records               200  200  200  200  200  200  200  200  403  403  200
record-catalogue      403  403  403  403  403  403  403  403  403  403  200
record-catalogue!     403  403  403  403  403  403  403  403  403  403  404
record-questions      200  200  403  403  403  200  403  403  403  403  200
record-question       200  200  403  403  403  200  403  403  403  403  200
record-question!      422  422  403  403  403  422  403  403  403  403  422
record-file           200  200  403  403  403  200  403  403  403  403  200
record-file-columns!  403  409  403  403  403  403  403  403  403  403  403
record-file-undo!     403  422  403  403  403  403  403  403  403  403  422
record-list           200  200  200  200  200  200  200  200  403  403  200
record-table          200  200  200  200  200  200  200  200  403  403  200
record-statistics     200  200  200  200  200  200  200  200  403  403  200
record-columns        200  200  200  200  200  200  200  200  403  403  200
record-files          200  200  403  403  403  200  403  403  403  403  200
record-files!         422  422  403  403  403  422  403  403  403  403  422
record-list-change    403  403  403  403  403  403  403  403  403  403  200
record-list-change!   403  403  403  403  403  403  403  403  403  403  422
record-namings        404  404  404  404  404  404  404  404  403  403  404
record-namings!       404  404  404  404  404  404  404  404  403  403  404
record-token          403  403  403  403  403  403  403  403  403  403  200
record-token!         403  403  403  403  403  403  403  403  403  403  200
record                200  200  200  200  404  200  200  200  403  403  200
search                200  200  200  200  200  200  200  200  200  200  200
calculations          200  200  200  200  200  200  200  200  200  200  200
calculation           200  200  200  200  200  200  200  200  200  200  200
calculation!          422  422  422  422  422  422  422  422  422  422  422
map                   200  200  200  200  200  200  200  200  200  200  200
map-layers            200  200  200  200  200  200  200  200  200  200  200
map-layer             200  200  200  200  200  200  200  200  200  200  200
series                200  200  200  200  404  200  200  200  200  404  200
devices               403  403  200  403  403  403  403  403  403  403  200
device                403  403  200  403  403  403  403  403  403  403  200
device-ask-which      403  403  302  403  403  403  403  403  403  403  302
device-ask            403  403  200  403  403  403  403  403  403  403  200
device-ask!           403  403  302  403  403  403  403  403  403  403  302
device-commands       403  403  200  403  403  403  403  403  403  403  200
device-withdraw!      403  403  404  403  403  403  403  403  403  403  404
inspector             200  200  200  200  200  200  200  200  200  200  200
inspector!            422  422  422  422  422  422  422  422  422  422  422
device-adopt!         403  403  403  403  403  403  403  403  403  403  422
device-letters        403  403  403  403  403  403  403  403  403  403  200
device-department!    403  403  403  403  403  403  403  403  403  403  302
device-read-again!    403  403  403  403  403  403  403  403  403  403  302
feeds                 403  403  403  403  403  403  403  403  403  403  200
feed-new              403  403  403  403  403  403  403  403  403  403  422
feed                  403  403  403  403  403  403  403  403  403  403  200
feed-settings         403  403  403  403  403  403  403  403  403  403  200
feed-token!           403  403  403  403  403  403  403  403  403  403  200
feed-name!            403  403  403  403  403  403  403  403  403  403  422
feed-letters          403  403  403  403  403  403  403  403  403  403  200
feed-read-again!      403  403  403  403  403  403  403  403  403  403  302
packet                200  200  200  200  404  200  200  200  200  404  200
packet-bytes          403  403  403  403  404  403  403  403  403  404  200
packet-read-again!    403  403  403  403  403  403  403  403  403  403  409
faults                403  403  403  403  403  403  403  403  403  403  200
fault                 403  403  403  403  403  403  403  403  403  403  200
imports               403  200  403  403  403  403  403  403  200  200  200
imports!              403  422  403  403  403  403  403  403  422  422  422
import-draft          403  200  403  403  403  403  403  403  404  404  404
import-draft!         403  302  403  403  403  403  403  403  404  404  404
import                403  200  403  403  403  403  403  403  404  404  200
import-faults         403  200  403  403  403  403  403  403  404  404  200
import-again!         403  302  403  403  403  403  403  403  404  404  302
import-undo!          403  422  403  403  403  403  403  403  404  404  422
tasks-new             200  200  200  200  200  200  200  200  403  403  200
destinations          403  403  403  403  403  403  403  403  403  403  200
destination-new       403  403  403  403  403  403  403  403  403  403  200
destination-new!      403  403  403  403  403  403  403  403  403  403  422
destination           403  403  403  403  403  403  403  403  403  403  200
destination-settings  403  403  403  403  403  403  403  403  403  403  200
destination-settings! 403  403  403  403  403  403  403  403  403  403  422
undelivered           403  403  403  403  403  403  403  403  403  403  200
destination-packets   403  403  403  403  403  403  403  403  403  403  200
destination-own       403  403  403  403  403  403  403  403  403  403  200
destination-asked     403  403  403  403  403  403  403  403  403  403  404
destination-message   403  403  403  403  403  403  403  403  403  403  404
destination-again!    403  403  403  403  403  403  403  403  403  403  302
destination-withheld! 403  403  403  403  403  403  403  403  403  403  409
destination-own-again! 403 403  403  403  403  403  403  403  403  403  302
destination-own-withheld! 403 403 403 403 403  403  403  403  403  403  409
programs              200  200  200  200  200  200  200  200  200  200  200
program-new!          422  422  422  422  422  422  422  422  422  422  422
program-withdraw!     404  404  404  404  404  404  404  404  302  404  404
reached               200  200  200  200  200  200  200  200  403  403  200
reached!              422  422  422  422  422  422  422  422  403  403  422
reached-people        403  403  403  403  403  403  403  403  403  403  200
reached-person        403  403  403  403  403  403  403  403  403  403  200
reached-person!       403  403  403  403  403  403  403  403  403  403  422
contact               404  404  404  200  404  404  404  404  403  403  200
contact!              404  404  404  422  404  404  404  404  403  403  422
contact-act!          404  404  404  302  404  404  404  404  403  403  302
messages              403  403  403  403  403  403  200  403  403  403  200
use                   403  403  403  403  403  403  403  200  403  403  200
log                   403  403  403  403  403  403  403  403  403  403  200
log-verify!           403  403  403  403  403  403  403  403  403  403  302
"""


OPEN_TO_ALL = {"login", "logout", "set_language"}


ROWS = {row.split()[0]: [int(status) for status in row.split()[1:]] for row in EXPECTED.strip().splitlines()[1:]}


@pytest.fixture
def table(cast: SimpleNamespace, station: Any) -> dict[str, int]:
    """A table that the analyst imported, and one that waits to be confirmed."""
    layout = {"time": "time", "at": station.code, "columns": '{"COD": {"name": "w01018"}}'}
    raw = b"time,COD\n2026-11-22 08:00,1\n"
    first, second = (start_import(cast.analyst, "table.csv", raw) for _ in range(2))
    lay_out_import(first.pk, cast.analyst, layout)
    return {"import": confirm_import(first.pk, cast.analyst, OFFICE).pk, "draft": second.pk}


@pytest.fixture
def screened(inspected: Any, cast: SimpleNamespace) -> Any:
    """A row of a run that the analyst made: the works, for its finding."""
    from casefile import screened

    from qingyuan.judging.api import save_screening
    from qingyuan.judging.conditions import Condition, Definition
    from qingyuan.judging.fact import Comparison

    asked = Definition("有线索的企业", (Condition("findings_on_file", Comparison.AT_LEAST, 1.0),))
    return screened(save_screening(asked, cast.analyst, OFFICE).pk, cast.analyst, OFFICE).rows.get()


@pytest.fixture
def credit(station: Any, cast: SimpleNamespace) -> dict[str, int]:
    """The works were graded, an incident of theirs was entered, and they object to it."""
    from qingyuan.evaluating.api import ask_for_grades, compute_grades, enter_sign, file_objection
    from qingyuan.evaluating.queries import Grade

    told = {"what": "罐区泄漏", "document": "函 1"}
    sign = enter_sign(station.enterprise, cast.analyst, OFFICE, code="incident", on=NINE.date(), **told)
    with clock.wound_to(clock.now() + timedelta(days=1)):
        compute_grades(ask_for_grades(cast.analyst, OFFICE).pk)
    grade = Grade.objects.get()
    filed = file_objection(grade.pk, cast.enterprise, OFFICE, item=f"sign-{sign.pk}", reason="不属实")
    return {"sign_id": sign.pk, "grade_id": grade.pk, "objection_id": filed.pk}


@pytest.fixture
def order(station: Any) -> Any:
    """The works were told to stop."""
    return enter_order(station.enterprise, kind="stop-discharge", number="停 1", issued_by="局", span=(NINE, None))


@pytest.fixture
def warning(grid: SimpleNamespace) -> Any:
    """A warning over East Town alone."""
    return declare_warning(grid.town, level="orange", number="预警 1", span=(NINE, None))


@pytest.fixture
def seen(cast: SimpleNamespace) -> Any:
    """A fire in East Town, in a file that the analyst brought."""
    from qingyuan.judging.api import judge_spots
    from qingyuan.judging.queries import problems
    from qingyuan.kit import log
    from qingyuan.sensing.api import bring_spots, enter_spots
    from qingyuan.sensing.events import SpotsStored
    from qingyuan.sensing.queries import spots_of_file

    rows = b"latitude,longitude,bright_ti4,acq_date,acq_time,satellite,confidence\n30.1,100.05,340,2026-11-22,0,N,h\n"
    file = enter_spots(bring_spots(cast.analyst, "fires.csv", rows, origin=OFFICE).pk, cast.analyst, OFFICE)
    (line,) = [one for one in log.about(f"spot-file/{file.pk}") if one.act == "SpotsStored"]
    judge_spots(SpotsStored.from_detail(line.detail))
    return SimpleNamespace(file=file, problem=problems(cast.analyst).get(), spot=spots_of_file(file.pk)[0])


@pytest.fixture
def handed_on(station: Any, cast: SimpleNamespace) -> int:
    """A platform above that is given the outlet's hours, and the number of a token of the works."""
    told = {"title_zh": "省", "title_en": "Above", "host": "10.0.0.1", "port": 9000, "what": ["h"], "reason": "1"}
    define_destination("above", told, valid_from=NINE.date(), stations=[station])
    issue_program_token(cast.enterprise, "ERP", OFFICE)
    return int(program_tokens_of(cast.enterprise).get().pk)


@pytest.fixture
def listed(cast: SimpleNamespace, station: Any) -> dict[str, dict[str, Any]]:
    """Electricity that the analyst brought for the handler's department: the works', and that of a name like theirs."""
    from qingyuan.sensing.api.records import bring_records, enter_records, take_over_list
    from qingyuan.sensing.queries.records import records_of, written_firms

    found = take_over_list("electricity", cast.handler.organisation)
    text = f"户号,户名,月份,电量\n1,{station.enterprise.title_zh},2026-10,5\n2,东江水厂有限公司,2026-10,5\n"
    file = bring_records(cast.analyst, found.code, "october.csv", text.encode(), origin=OFFICE)
    enter_records(file.pk, cast.analyst, OFFICE)
    own = records_of(cast.analyst, found).get(enterprise=station.enterprise)
    lists = ("list", "table", "statistics", "columns", "files", "list-change", "token", "namings")
    return {
        **{f"record-{name}": {"code": found.code} for name in lists},
        **{f"record-file{act}": {"file_id": file.pk} for act in ("", "-columns", "-undo")},
        "record-question": {"written_id": written_firms(cast.analyst).get().pk},
        "record": {"code": found.code, "record_id": own.id},
    }


@pytest.fixture
def moved(cast: SimpleNamespace) -> Any:
    """A drive through East Town, and a scan of a lidar there."""
    return SimpleNamespace(drive=drive_of(vehicle(), NINE + timedelta(minutes=30)), scan=scan_of(NINE))


@pytest.fixture
def flown(cast: SimpleNamespace) -> dict[str, dict[str, Any]]:
    """A flight over an area in East Town, with a photo."""
    register_station("drone-1", title_zh="机", title_en="Drone", kind="drone", lon=100.05, lat=30.1)
    draw_zone("zone-1", title_zh="园", title_en="Park", kind="industrial-park", shape=box(100.05, 30.1, 100.06, 30.11))
    told = {"station": "drone-1", "zone": "zone-1", "purpose": "例行", "pilot": "甲"}
    flight = record_flight(cast.officer, {**told, "starts_at": NINE, "ends_at": NINE + timedelta(minutes=9)}, OFFICE)
    body = BytesIO()
    Image.new("RGB", (8, 8)).save(body, "PNG")
    (media,) = take_media(cast.officer, flight.pk, [Photo("a.png", body.getvalue())], OFFICE)
    return {
        **{f"flight{act}": {"flight_id": flight.pk} for act in ("", "-layers", "-bring", "-note")},
        "flight-report": {"flight_id": flight.pk, "sighting_id": 999_999},
        **{f"flight-picture{act}": {"media_id": media.pk} for act in ("", "-small")},
    }


@pytest.fixture
def terminal(cast: SimpleNamespace) -> Any:
    """Where the grid worker is reached."""
    return enter_contact(cast.grid_worker, "dingtalk://token", cast.grid_worker, OFFICE)


@pytest.fixture
def filmed(station: Any, cast: SimpleNamespace) -> dict[str, dict[str, Any]]:
    """A camera at the outlet, and a still that the analyst brought."""
    told = {"title_zh": "总排口", "title_en": "Outlet", "looks_at": "outlet", "owner": "局"}
    code = register_camera("C-1", station, told, valid_from=NINE.date()).code
    body = BytesIO()
    Image.new("RGB", (8, 8)).save(body, "PNG")
    still, _ = bring_footage(cast.analyst, code, "a.png", body.getvalue(), begins_at=NINE, origin=OFFICE)
    return {
        **{f"camera{act}": {"code": code} for act in ("", "-change", "-end", "-bring", "-live", "-play")},
        **{f"footage{act}": {"footage_id": still.pk} for act in ("", "-file", "-case")},
    }


@pytest.fixture
def mouth(station: Any) -> Any:
    """The outfall of the works."""
    from shapely.geometry import LineString

    river = draw_water(
        "east", title_zh="东江", title_en="East", kind="river", shape=LineString([(100, 30.1), (100.4, 30.1)])
    )
    facts = OutfallFacts("东江排污口", "工业企业排污口", river, 100.05, 30.1, enterprises=(station.enterprise,))
    return enter_outfall(None, facts, days=(NINE.date(), None))


@pytest.fixture
def foretold(cast: Any) -> Any:
    """A bulletin that the analyst brought and has not entered yet."""
    return bring_bulletin(cast.analyst, "AQI.csv", bulletin("试验区,2030-01-01,,张预报员,80,,"), origin=OFFICE)


@pytest.fixture
def values(
    mouth: Any,
    flown: dict[str, dict[str, Any]],
    inspected: Any,
    packet: Any,
    stranger: Any,
    fault: Any,
    station: Any,
    channel: Any,
    marked: Any,
    feed: Any,
    rehearsed: Any,
    table: dict[str, int],
    screened: Any,
    order: Any,
    warning: Any,
    credit: dict[str, int],
    seen: Any,
    moved: Any,
    terminal: Any,
    filmed: dict[str, dict[str, Any]],
    handed_on: int,
    listed: dict[str, dict[str, Any]],
    foretold: Any,
) -> dict[str, dict[str, Any]]:
    """What stands in the addresses."""
    photo = Media.objects.get()
    hour = {"channel": channel.pk, "kind": "h", "at": round(NINE.timestamp() * 1000)}
    case = {"case_id": inspected.pk}
    for kind in ("ambient-air", "surface-water"):
        register_station(kind, title_zh=kind, title_en=kind, kind=kind, lon=100.05, lat=30.1)
    air = {"code": "ambient-air"}
    return {
        "finding": {"finding_id": inspected.finding_id},
        "finding-dismiss": {"finding_id": inspected.finding_id},
        "finding-then": {"finding_id": inspected.finding_id},
        "finding-would-change": {"finding_id": inspected.finding_id},
        "finding-total": {"finding_id": inspected.finding_id},
        "finding-pollution": {"finding_id": inspected.finding_id},
        "override-end": {"override_id": 999_999},
        "watch-end": {"watch_id": 999_999},
        "rehearsal-drop": {"rehearsal_id": 999_999},
        "rehearsal-force": {"rehearsal_id": 999_999},
        **{f"rehearsal{part}": {"rehearsal_id": rehearsed.pk} for part in ("", "-csv", "-json", "-rules")},
        "finding-open-case": {"finding_id": inspected.finding_id},
        "finding-trace": {"finding_id": inspected.finding_id},
        **{f"screening{act}": {"screening_id": screened.run.screening_id} for act in ("", "-change", "-run")},
        **{name: {"run_id": screened.run_id} for name in ("screened", "screened-table", "screened-cases")},
        **{name: {"row_id": screened.pk} for name in ("screened-clue", "screened-case")},
        "off-site-enterprise": {"code": station.enterprise.code},
        "credit-enterprise": {"code": station.enterprise.code},
        "credit-item": {"code": station.enterprise.code},
        "credit-item-withdraw": {"sign_id": credit["sign_id"]},
        "credit-object": {"grade_id": credit["grade_id"]},
        "credit-answer": {"objection_id": credit["objection_id"]},
        **{name: {"problem_id": seen.problem.pk} for name in ("problem", "problem-clue")},
        **{
            f"drive{act}": {"drive_id": moved.drive.pk}
            for act in ("", "-table", "-layers", "-moments", "-series", "-clue")
        },
        "drive-layer": {"drive_id": moved.drive.pk, "code": "track"},
        "lidar": {"code": "lidar-1"},
        **{f"scan{act}": {"scan_id": moved.scan.pk} for act in ("", "-layers", "-clue", "-evidence")},
        "scan-layer": {"scan_id": moved.scan.pk, "code": "scan"},
        "finding-readings": {"finding_id": inspected.finding_id},
        "spot-evidence": {"spot_id": seen.spot.pk},
        **{f"spot-file{act}": {"file_id": seen.file.pk} for act in ("", "-enter", "-undo")},
        "case": case,
        "case-now": case,
        "case-evidence": case,
        "case-act": {**case, "verb": "refute"},
        "case-record": {**case, "kind": "inspection"},
        "case-violation": case,
        "case-type": {"code": "exceedance"},
        "case-type-drawing": {"code": "exceedance"},
        "case-type-bpmn": {"code": "exceedance"},
        "photo": {"media_id": photo.pk},
        "photo-small": {"media_id": photo.pk},
        "enterprise": {"code": station.enterprise.code},
        "paper-new": {"code": station.enterprise.code, "kind": "permit"},
        **{name: {"sheet_id": 999_999} for name in ("permit-sheet", "permit-sheet-undo")},
        "review-new": {"code": station.enterprise.code},
        "enterprise-video": {"code": station.enterprise.code},
        "watch-point-values": {"code": "ambient-air"},
        "review": {"review_id": 999_999},
        "paper-change": {"kind": "order", "paper_id": order.pk},
        "paper-end": {"kind": "order", "paper_id": order.pk},
        "reach-new": {"code": station.code},
        **{name: {"code": station.code} for name in ("station-threshold", "project-new")},
        "document-file": {"document_id": _document(station.enterprise)},
        "warning": {"warning_id": warning.pk},
        **{name: {"code": station.code} for name in ("station", "station-video", "station-footage")},
        **filmed,
        **flown,
        **listed,
        **{name: {"pair_id": 999_999} for name in ("source-pair", "source-pair-back")},
        "source-question": {"question_id": 999_999},
        "source-build": {"build_id": 999_999},
        "source": {"source_id": 999_999},
        "source-part": {"source_id": 999_999, "row_id": 999_999},
        **{name: {"code": mouth.code} for name in ("outfall", "outfall-step", "outfall-step-back")},
        "water-body": {"code": mouth.water.code},
        "reading": hour,
        "station-mark": {"code": station.code},
        "mark-withdraw": {"mark_id": marked.pk},
        "mark-evidence": {"mark_id": marked.pk},
        "quality-day": {"code": station.code, "day": "2026-11-22"},
        "air-day": {"day": "2026-11-21"},
        "air-station": air,
        "air-station-table": air,
        "air-hours": {**air, "day": "2026-11-21"},
        "component-station": air,
        "components-table": air,
        "component-parts": air,
        "water-station": {"code": "surface-water"},
        **{f"emissions-{name}": {"code": station.enterprise.code} for name in ("enterprise", "tax", "tax-table")},
        **{f"emissions-{name}": {"code": station.code} for name in ("outlet", "outlet-table", "series")},
        "forecast": {"forecast_id": 999_999},
        "emissions-day": {"code": station.code, "day": NINE.date().isoformat()},
        "map-layer": {"code": "cases"},
        "series": {"code": station.code},
        "calculation": {"code": "water_class"},
        "device": {"mn": packet.mn},
        "hub-packets": {"sender": packet.mn},
        **{f"device-{name}": {"mn": stranger.mn} for name in ("adopt", "department", "letters", "read-again")},
        **{
            f"feed{act}": {"code": feed.code} for act in ("", "-settings", "-token", "-name", "-letters", "-read-again")
        },
        "device-ask-which": {"mn": packet.mn},
        "device-ask": {"mn": packet.mn, "code": "read-clock"},
        "device-commands": {"mn": packet.mn},
        **{f"air-bulletin{act}": {"bulletin_id": foretold.pk} for act in ("", "-enter")},
        "device-withdraw": {"mn": packet.mn, "command_id": 999_999},
        **{
            name: {"code": "above"} for name in ("destination", "destination-packets", "destination-own", "undelivered")
        },
        "destination-asked": {"code": "above", "number": 999_999},
        "destination-message": {"code": "above", "sent": 999_999, "place": 1},
        **{
            f"destination-{act}": {"code": "above"}
            for act in ("settings", "again", "withheld", "own-again", "own-withheld")
        },
        "program-withdraw": {"number": handed_on},
        "reached-person": {"username": "handler"},
        "contact": {"contact_id": terminal.pk},
        "contact-act": {"contact_id": terminal.pk, "verb": "switch"},
        **{name: {"packet_id": packet.pk} for name in ("packet", "packet-bytes", "packet-read-again")},
        "fault": {"fault_id": fault.pk},
        "import-draft": {"draft_id": table["draft"]},
        **{f"import{act}": {"import_id": table["import"]} for act in ("", "-faults", "-again", "-undo")},
    }


def _document(owner: Any) -> int:
    """A document of the enterprise with its file."""
    row = enter_document(
        owner, kind="eia-approval", number="1", issued_by="局", days=(NINE.date(), None),
        file=BroughtFile("a.pdf", b"%PDF-1.4"),
    )  # fmt: skip
    return int(row.pk)


@pytest.mark.timeout(400)
def test_every_url_for_every_role(values: dict[str, dict[str, Any]], browser: Callable[[str], Client]) -> None:
    found: dict[str, list[int]] = {row: [] for row in ROWS}
    for person in PEOPLE:
        client = browser(person)
        for row in ROWS:
            found[row].append(_status(client, row, values))
    wrong = [
        f"{row} for {person}: found {status}, expected {expected}"
        for row in ROWS
        for person, status, expected in zip(PEOPLE, found[row], ROWS[row], strict=True)
        if status != expected
    ]
    assert wrong == []


def _status(client: Client, row: str, values: dict[str, dict[str, Any]]) -> int:
    name = row.removesuffix("!")
    address = reverse(name, kwargs=values.get(name))
    if row.endswith("!"):
        return client.post(address).status_code
    answer = client.get(address, {"factor": "w01018"} if name == "series" else {})
    if isinstance(answer, FileResponse):
        list(answer.streaming_content)  # the file lies open until it is sent
    return answer.status_code


def test_every_url_has_a_row_in_the_table() -> None:
    pages = get_resolver("qingyuan.showing.urls")
    names = {pattern.name for pattern in pages.url_patterns}
    assert names - OPEN_TO_ALL == {row.removesuffix("!") for row in ROWS}


def test_nobody_gets_anything_without_logging_in(values: dict[str, dict[str, Any]]) -> None:
    for row in ROWS:
        name = row.removesuffix("!")
        address = reverse(name, kwargs=values.get(name))
        answer = Client().post(address) if row.endswith("!") else Client().get(address)
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, reverse("login")), row


def test_the_administration_pages_are_for_administrators(
    cast: SimpleNamespace, browser: Callable[[str], Client]
) -> None:
    for person in PEOPLE:
        expected = 200 if person == "administrator" else 302
        assert browser(person).get("/admin/").status_code == expected, person


def test_a_refusal_names_who_can_grant_the_right(cast: SimpleNamespace, browser: Callable[[str], Client]) -> None:
    page = browser("grid_worker").get(reverse("faults")).content.decode()
    assert "Your role is Grid worker; this page is for: Administrator." in page
    assert cast.administrator.name_en in page


def test_a_program_is_refused_in_json(cast: SimpleNamespace, browser: Callable[[str], Client]) -> None:
    answer = browser("duty_officer").get(reverse("map-layer", kwargs={"code": "nothing"}))
    assert answer.status_code == 404
    assert answer.json()["error"] == "NotFound"
    assert "stations" in answer.json()["detail"]


def test_a_posted_form_without_its_token_changes_nothing(case: Any, cast: SimpleNamespace) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.grid_worker)
    assert client.post(reverse("case-act", kwargs={"case_id": case.pk, "verb": "accept"})).status_code == 403
    case.refresh_from_db()
    assert case.state == "dispatched"


def test_another_enterprise_finds_nothing_of_this_one(case: Any, browser: Callable[[str], Client]) -> None:
    stranger = browser("other_enterprise")
    for name in ("findings", "places", "enterprises"):
        assert "East Water" not in stranger.get(reverse(name), {"state": "all"}).content.decode()
    assert stranger.get(reverse("map-layer", kwargs={"code": "stations"})).json()["features"] == []
    assert "East Water" not in stranger.get(reverse("search"), {"q": "East"}).content.decode()


def test_a_cookie_that_can_be_no_session_is_as_none(client: Client) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = "abcdefgh\0ijkl"
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, reverse("login"))
