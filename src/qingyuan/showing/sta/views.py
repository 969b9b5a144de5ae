"""The SensorThings API over HTTP: one view, a verb a function, every refusal as `{"code": …, "message": …}`."""

import json
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DataError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from qingyuan.kit.errors import BadInput, NotFound, QingyuanError
from qingyuan.showing.sta.addresses import Target, target_of
from qingyuan.showing.sta.documents import Value, data_arrays, link, next_link, number_of, observations_as_json
from qingyuan.showing.sta.documents import document as document_of
from qingyuan.showing.sta.entities import BY_PLURAL, ENTITIES, Entity
from qingyuan.showing.sta.errors import NeverDone, NotTaken, Refusal
from qingyuan.showing.sta.expanding import check_selected, documents
from qingyuan.showing.sta.options import Options, options_of
from qingyuan.showing.sta.pages import Asked, page, with_extents
from qingyuan.showing.sta.readers import opened, possibilities, reader_of
from qingyuan.showing.sta.writing import batch, changing
from qingyuan.showing.sta.writing.creating import Creating
from qingyuan.showing.sta.writing.delivering import deliver, deliver_many, deliver_one, keep_undone, kept_for_a_group
from qingyuan.showing.sta.writing.posted import document_in

SPECIFICATION = "http://www.opengis.net/spec/iot_sensing/1.1/req"
CONFORMANCE = (
    "datamodel",
    "resource-path/resource-path-to-entities",
    "request-data",
    "create-update-delete/create-entity",
    "create-update-delete/link-to-existing-entities",
    "create-update-delete/deep-insert",
    "create-update-delete/update-entity",
    "data-array/data-array",
)
PATCH = "application/json-patch+json"
OF_ONE_STREAM = re.compile(r"(?:Datastreams\([^()/]*\)/)?Observations")


@csrf_exempt  # what writes carries a token; a session only reads
@login_not_required  # `reader_of` asks who it is
def service(request: HttpRequest, path: str | None = None) -> HttpResponse:
    """Answer one request of the SensorThings API."""
    return opened(possibilities() if request.method == "OPTIONS" else _answer(request, path))


def _answer(request: HttpRequest, path: str | None) -> HttpResponse:
    verb = VERBS.get(request.method or "")
    try:
        if verb is None:
            raise NeverDone(f"found {request.method}, expected one of: {', '.join((*VERBS, 'OPTIONS'))}")
        asked = Asked(reader_of(request), request.build_absolute_uri(reverse("sta")).rstrip("/"))
        return verb(request, asked, (path or "").strip("/"))
    except QingyuanError as error:
        return Refusal(error)
    except DataError as error:
        return Refusal(BadInput(f"the database cannot work that out: {error}"))


def answered(data: Any, status: HTTPStatus = HTTPStatus.OK, **headers: str) -> HttpResponse:
    """JSON as the answer."""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(body, status=status, content_type="application/json", headers=headers)


def _read(request: HttpRequest, asked: Asked, path: str) -> HttpResponse:
    if not path:
        return answered(_root(asked))
    options = options_of(request.GET.dict())
    target = target_of(asked, path)
    if target.steps:
        return _property(asked, target)
    if target.row is not None:
        return answered(_entity(asked, target, options))
    return _collection(asked, target, options, f"{asked.root}/{path}")


def _root(asked: Asked) -> dict[str, Any]:
    return {
        "value": [{"name": plural, "url": f"{asked.root}/{plural}"} for plural in BY_PLURAL],
        "serverSettings": {"conformance": [f"{SPECIFICATION}/{part}" for part in CONFORMANCE]},
    }


def _entity(asked: Asked, target: Target, options: Options) -> dict[str, Any]:
    if target.ref:
        return {"@iot.selfLink": link(asked.root, target.entity, number_of(target.entity, target.row))}
    rows = with_extents(target.entity, [target.row], options)
    return documents(asked, target.entity, rows, options)[0]


def _collection(asked: Asked, target: Target, options: Options, address: str) -> HttpResponse:
    check_selected(target.entity, options)
    if options.data_array and (target.entity.name != "Observation" or options.expand):
        beside = " with $expand" if options.expand else ""
        raise BadInput(
            f"found $resultFormat=dataArray of {target.entity.plural}{beside}, expected it of Observations alone"
        )
    found = page(asked, target.entity, target.within, options)
    answer: dict[str, Any] = {} if found.count is None else {"@iot.count": found.count}
    if found.more:
        answer["@iot.nextLink"] = next_link(address, options, found.more)
    if target.ref:
        entity = target.entity
        answer["value"] = [{"@iot.selfLink": link(asked.root, entity, number_of(entity, row))} for row in found.rows]
    elif options.data_array:
        answer["value"] = data_arrays(asked.root, ENTITIES["Datastream"], found.rows, options)
    elif target.entity.name == "Observation" and not options.select and not options.expand:
        return _as_it_is(answer, observations_as_json(asked.root, found.rows))
    else:
        answer["value"] = documents(asked, target.entity, found.rows, options)
    return answered(answer)


def _as_it_is(answer: dict[str, Any], value: str) -> HttpResponse:
    """JSON with a value that is JSON already."""
    head = "".join(f"{json.dumps(name)}:{json.dumps(told)}," for name, told in answer.items())
    return HttpResponse(f'{{{head}"value":{value}}}', content_type="application/json")


def _property(asked: Asked, target: Target) -> HttpResponse:
    whole = _entity(asked, Target(target.entity, target.row), Options())
    name = target.steps[0] if target.steps[0] != "id" else "@iot.id"
    value: Any = whole.get(name)
    for step in target.steps[1:]:
        if not isinstance(value, dict) or step not in value:
            raise NotFound(f"found {'/'.join(target.steps)}, expected something inside {name} of that name")
        value = value[step]
    if value is None:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    if not target.value:
        return answered({target.steps[-1]: value})
    plain = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return HttpResponse(plain, content_type="text/plain; charset=utf-8")


def _create(request: HttpRequest, asked: Asked, path: str) -> HttpResponse:
    asked.reader.author()
    document = document_in(request.body)
    if path == "CreateObservations":
        return answered(deliver_many(asked, document, request.body), HTTPStatus.CREATED)
    if path == "$batch":
        return answered(batch.run(request, document, service))
    if OF_ONE_STREAM.fullmatch(path):
        return _observed(asked, deliver_one(asked, path, document, request.body))
    collection, parent = target_of(asked, path), path.rpartition("/")[0]
    if collection.row is not None or collection.steps:
        raise NotFound(f"found POST to {path}, expected a collection")
    entity = collection.entity
    if entity.name == "Observation":
        raise BadInput(f"found POST to {path}, expected Observations or Datastreams(…)/Observations")
    if parent and isinstance(document, dict):
        document = _inside(document, target_of(asked, parent))
    return _created(asked, entity.name, _inserted(asked, entity, document, request.body))


def _inserted(asked: Asked, entity: Entity, document: Any, body: bytes) -> int:
    """The number of a new entity with all that hangs on it. Either all of that is entered or nothing is.

    Observations that are none are kept as bytes and counted all the same.
    """
    with kept_for_a_group() as kept:
        try:
            with transaction.atomic():
                number = Creating(asked).create(entity.name, document)
                if _has_observations(document):
                    deliver(asked, entity.plural, body)
        except NotTaken as error:
            if kept.outermost:
                error.args = (keep_undone(error),)
            raise
    return number


def _inside(document: dict[str, Any], parent: Target) -> dict[str, Any]:
    """The document with a reference to the entity in whose collection it was posted."""
    reference = {"@iot.id": parent.row.pk} if parent.row is not None else {}
    name = "Things" if parent.entity.name == "Thing" and "location" in document else parent.entity.name
    return {**document, name: [reference] if name == "Things" else reference}


def _has_observations(document: Any) -> bool:
    streams = document.get("Datastreams") or [document]
    return any(isinstance(stream, dict) and stream.get("Observations") for stream in streams)


def _observed(asked: Asked, reading: Value) -> HttpResponse:
    whole = document_of(asked.root, ENTITIES["Observation"], reading, Options())
    return answered(whole, HTTPStatus.CREATED, Location=whole["@iot.selfLink"])


def _created(asked: Asked, name: str, number: int) -> HttpResponse:
    address = link(asked.root, ENTITIES[name], number)
    target = target_of(asked, address.removeprefix(f"{asked.root}/"))
    return answered(_entity(asked, target, Options()), HTTPStatus.CREATED, Location=address)


def _change(request: HttpRequest, asked: Asked, path: str) -> HttpResponse:
    asked.reader.author()
    target = target_of(asked, path)
    if target.row is None or target.steps:
        raise NeverDone(f"found {request.method} of {path}, expected one entity")
    body = document_in(request.body)
    with transaction.atomic():
        changing.change(asked, target, body, patch=request.content_type == PATCH)
    return answered(_entity(asked, target_of(asked, path), Options()))


def _delete(request: HttpRequest, asked: Asked, path: str) -> HttpResponse:
    target_of(asked, path)
    raise NeverDone("nothing is deleted here: readings are evidence, and what they hang on stays with them")


VERBS: dict[str, Callable[[HttpRequest, Asked, str], HttpResponse]] = {
    "GET": _read,
    "HEAD": _read,
    "POST": _create,
    "PATCH": _change,
    "PUT": _change,
    "DELETE": _delete,
}
