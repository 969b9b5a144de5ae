"""Every address of the pages, with the roles that may open it."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.i18n import set_language

from qingyuan.showing.rights import ADMINISTRATORS, AUTHORITY, COMMANDERS, OFFICE, TAKES_EVIDENCE, data, page
from qingyuan.showing.views import (
    acts,
    calculations,
    cases,
    commands,
    devices,
    findings,
    home,
    live,
    log,
    maps,
    photos,
    places,
    readings,
    stations,
    tasks,
    watch,
)
from qingyuan.showing.views.assurance import marks, quality
from qingyuan.showing.views.judging import clues, rules, trial

urlpatterns = [
    page("", home.home, "home"),
    path("login/", home.LogIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("language/", login_not_required(set_language), name="set_language"),
    # live
    data("live/stream", live.stream, "stream"),
    page("watch/", watch.watch, "watch", OFFICE),
    page("watch/values/", watch.values_of, "watch-values", OFFICE),
    page("watch/states/", watch.states, "watch-states", OFFICE),
    page("watch/news/", watch.news, "watch-news", OFFICE),
    # findings and cases
    page("findings/", findings.queue, "findings"),
    page("findings/<int:finding_id>/", findings.record, "finding"),
    page("findings/<int:finding_id>/dismiss/", findings.dismiss_finding, "finding-dismiss", OFFICE),
    page("findings/<int:finding_id>/open-case/", findings.open_case, "finding-open-case", OFFICE),
    page("findings/<int:finding_id>/would-change/", findings.would_change, "finding-would-change"),
    page("findings/report/", clues.clue_form, "clue", AUTHORITY),
    page("watch-rules/", rules.listing, "watch-rules", OFFICE),
    page("watch-rules/override/", rules.override_form, "override", OFFICE),
    page("watch-rules/override/<int:override_id>/end/", rules.override_end, "override-end", OFFICE),
    page("watch-rules/try/", trial.trial, "trial", OFFICE),
    page("watch-rules/try/force/", trial.put_into_force, "trial-force", OFFICE),
    page("cases/", cases.queue, "cases", AUTHORITY),
    page("cases/<int:case_id>/", cases.record, "case", AUTHORITY),
    page("cases/<int:case_id>/now/", cases.now, "case-now", AUTHORITY),
    page("cases/<int:case_id>/evidence/", cases.evidence, "case-evidence", TAKES_EVIDENCE),
    page("cases/<int:case_id>/act/<slug:verb>/", acts.act_form, "case-act", AUTHORITY),
    page("cases/<int:case_id>/record/<slug:kind>/", acts.record_form, "case-record", AUTHORITY),
    page("case-types/<slug:code>/", cases.type_page, "case-type"),
    page("case-types/<slug:code>/drawing.svg", cases.type_drawing, "case-type-drawing"),
    page("case-types/<slug:code>/bpmn", cases.type_bpmn, "case-type-bpmn"),
    page("photos/<int:media_id>/", photos.photo, "photo", AUTHORITY),
    page("photos/<int:media_id>/small/", photos.small, "photo-small", AUTHORITY),
    page("tasks/", tasks.tasks, "tasks", AUTHORITY),
    page("tasks/now/", tasks.now, "tasks-now", AUTHORITY),
    # places
    page("places/", places.listing, "places"),
    page("places/enterprises/", places.enterprise_listing, "enterprises"),
    page("enterprises/<slug:code>/", places.enterprise, "enterprise"),
    page("stations/<slug:code>/", stations.station, "station"),
    page("stations/<slug:code>/mark/", marks.mark_form, "station-mark"),
    page("marks/<int:mark_id>/withdraw/", marks.withdraw_form, "mark-withdraw", AUTHORITY),
    page("marks/<int:mark_id>/evidence/", marks.evidence, "mark-evidence"),
    page("quality/", quality.listing, "quality"),
    page("quality/table/", quality.table, "quality-csv"),
    page("quality/<slug:code>/<str:day>/", quality.day, "quality-day"),
    page("readings/<int:channel>/<slug:kind>/<int:at>/", readings.reading, "reading"),
    page("search/", places.search, "search"),
    page("calculations/", calculations.listing, "calculations"),
    page("calculations/<slug:code>/", calculations.calculation, "calculation"),
    page("map/", maps.page, "map"),
    # data
    data("api/map/layers", maps.layers, "map-layers"),
    data("api/map/layers/<slug:code>", maps.layer, "map-layer"),
    data("api/stations/<slug:code>/series", readings.series, "series"),
    # administration
    page("devices/", devices.listing, "devices", COMMANDERS),
    page("devices/<str:mn>/", devices.record, "device", COMMANDERS),
    page("devices/<str:mn>/ask/", commands.which, "device-ask-which", COMMANDERS),
    page("devices/<str:mn>/ask/<slug:code>/", commands.ask, "device-ask", COMMANDERS),
    page("devices/<str:mn>/commands/", commands.rows, "device-commands", COMMANDERS),
    page("devices/<str:mn>/commands/<int:command_id>/withdraw/", commands.withdraw, "device-withdraw", COMMANDERS),
    page("devices/<str:mn>/adopt/", devices.adopt, "device-adopt", ADMINISTRATORS),
    page("packets/inspect/", devices.inspector, "inspector"),
    page("packets/<int:packet_id>/", devices.packet, "packet"),
    page("faults/", devices.fault_listing, "faults", ADMINISTRATORS),
    page("faults/<int:fault_id>/", devices.fault_samples, "fault", ADMINISTRATORS),
    page("log/", log.log, "log", ADMINISTRATORS),
    page("log/verify/", log.verify, "log-verify", ADMINISTRATORS),
]
