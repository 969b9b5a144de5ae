import asyncio
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from qingyuan.sensing.connector import (
    CONNECTORS,
    LONGEST_ADDRESS,
    BadPayload,
    Connector,
    Observed,
    Payload,
    Read,
    Receiver,
    Setting,
    Unreachable,
)
from qingyuan.sensing.connectors._documents import FIELDS, TIME, Fields, read_json
from qingyuan.sensing.connectors._topics import check_filter, check_pattern, name_of
from qingyuan.sensing.connectors._values import number, shown
from qingyuan.sensing.connectors.push import read_pushed
from qingyuan_science.plugins import Example, Source, Text

KEPT_BY_BROKER = "retained "  # begins the address of a message that the broker had kept from before
UNACKNOWLEDGED = 500  # messages that the broker may send ahead of our acknowledgements: one batch
WITHOUT_ACKNOWLEDGEMENT = 20_000  # messages of QoS 0 held in memory while the database is slow or away
BYTES_WITHOUT_ACKNOWLEDGEMENT = 64 * 1024 * 1024  # that those may hold
SESSION_S = 7 * 86_400  # how long a broker is asked to keep messages for us while we are away
BATCH_BYTES = 32 * 1024 * 1024  # what is committed at once, but for the message that passes it
GATHER_S = 0.05
PATIENCE_S = 10.0
PROTOCOLS = {"5": aiomqtt.ProtocolVersion.V5, "3.1.1": aiomqtt.ProtocolVersion.V311}


def _port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) < 65_536:
        raise ValueError(f"found {text!r}, expected a number from 1 to 65535")
    return int(text)


_WIRE = (
    Setting("host", Text("主机", "Host"), Text("MQTT 服务器的地址。", "Address of the broker."), required=True),
    Setting(
        "port",
        Text("端口", "Port"),
        Text("通常 1883,TLS 为 8883。", "1883 as a rule, 8883 with TLS."),
        default="1883",
        required=True,
        check=_port,
    ),
    Setting(
        "filter",
        Text("订阅主题", "Topic filter"),
        Text("可用 + 和 #。", "+ and # may be used."),
        default="#",
        required=True,
        check=check_filter,
    ),
    Setting("user", Text("用户名", "User"), Text("不需要时留空。", "Empty where none is needed.")),
    Setting("password", Text("密码", "Password"), Text("不需要时留空。", "Empty where none is needed."), secret=True),
    Setting(
        "tls",
        Text("加密", "Encryption"),
        Text(
            "服务器证书按本机信任的机构校验。",
            "The broker's certificate is checked against the authorities that this machine trusts.",
        ),
        default="no",
        choices=("no", "yes"),
    ),
    Setting(
        "protocol",
        Text("协议版本", "Protocol"),
        Text("旧服务器只支持 3.1.1。", "Old brokers speak 3.1.1 only."),
        default="5",
        choices=tuple(PROTOCOLS),
    ),
    Setting(
        "client",
        Text("客户端标识", "Client identifier"),
        Text("留空则为 qingyuan-编码；每个平台须不同。", "Empty: qingyuan-CODE. No two platforms may use the same."),
        check=lambda text: text.encode("ascii"),
    ),
)
_FORM = (
    Setting(
        "form",
        Text("消息内容", "Payload"),
        Text(
            "JSON、一个数字，或与 HTTP 推送相同的文档。", "JSON, a plain number, or the document that HTTP push takes."
        ),
        default="json",
        choices=("json", "number", "push"),
    ),
    Setting(
        "topic",
        Text("主题格式", "Topic pattern"),
        Text(
            "如 plant/{station}/{factor} 或 meters/{name}/+；留空取主题。",
            "Such as plant/{station}/{factor}, or meters/{name}/+; empty takes the topic as the name.",
        ),
        check=check_pattern,
    ),
)


@CONNECTORS
@dataclass(frozen=True)
class Mqtt(Connector):
    """Messages of an MQTT broker, each acknowledged only after it is committed."""

    code: ClassVar[str] = "mqtt"
    title: ClassVar[Text] = Text("MQTT 订阅", "MQTT subscription")
    source: ClassVar[Source] = Source("OASIS MQTT 5.0, 3.1.1", "3.3, 4.3.2, 4.4")
    settings: ClassVar[tuple[Setting, ...]] = (*_WIRE, *_FORM, *FIELDS)
    listens: ClassVar[bool] = True
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "主题 plant/QJ-W01/w01018 上的数字 48.2，主题格式 plant/{station}/{factor}",
                "the number 48.2 on the topic plant/QJ-W01/w01018 with the pattern plant/{station}/{factor}",
            ),
            (Text("QJ-W01/w01018 的一个观测值 48.2", "one observation of 48.2 named QJ-W01/w01018"),),
        ),
    )

    def read(self, payload: Payload, settings: Mapping[str, str]) -> Read:
        """Read a message; its topic is the payload's address."""
        if settings["form"] == "push":
            return read_pushed(payload.raw)
        if payload.address.startswith(KEPT_BY_BROKER) and not settings[TIME.name]:
            raise BadPayload("found a message that the broker had kept from before, expected one that says its time")
        topic = payload.address.removeprefix(KEPT_BY_BROKER)
        if len(payload.address) > LONGEST_ADDRESS:
            raise BadPayload(f"found a topic of {len(topic)} letters, expected at most {LONGEST_ADDRESS}")
        base = name_of(topic, settings["topic"])
        fields = Fields.of(settings)
        if settings["form"] == "number":
            return _read_number(payload, fields, base)
        return read_json(payload, fields, base)

    async def listen(self, receiver: Receiver) -> None:
        """Keep a session with the broker: gather messages, commit them, acknowledge them."""
        try:
            async with _client(receiver) as client:
                await client.subscribe(receiver.settings["filter"], **_subscription(receiver.settings["protocol"]))
                await receiver.in_order()
                while True:
                    await _take_some(client, receiver)
        except (aiomqtt.MqttError, OSError) as error:
            address = f"{receiver.settings['host']}:{receiver.settings['port']}"
            raise Unreachable(f"{address}: {error}") from error


def _read_number(payload: Payload, fields: Fields, base: str) -> Read:
    """A message that is a number and nothing else, taken when it arrived."""
    try:
        value = number(payload.raw.decode("ascii"), "message")
    except ValueError as error:
        raise BadPayload(f"found {shown(payload.raw)}, expected a plain number") from error
    if value is None:
        raise BadPayload("found an empty message, expected a plain number")
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=payload.received_us)
    return Read([Observed(base, at, value, unit=fields.unit)])


class _Waiting(asyncio.Queue[aiomqtt.Message]):
    """What came and is not committed yet; what needs no acknowledgement is bounded, and counted when left out."""

    def __init__(self, maxsize: int = 0) -> None:
        super().__init__()
        self.left_out, self.bytes = 0, 0

    def put_nowait(self, item: aiomqtt.Message) -> None:
        full = self.qsize() >= WITHOUT_ACKNOWLEDGEMENT or self.bytes >= BYTES_WITHOUT_ACKNOWLEDGEMENT
        if item.qos == 0 and full:
            self.left_out += 1
        else:
            super().put_nowait(item)

    def _put(self, item: aiomqtt.Message) -> None:
        self.bytes += len(item.payload)
        super()._put(item)

    def _get(self) -> aiomqtt.Message:
        item: aiomqtt.Message = super()._get()
        self.bytes -= len(item.payload)
        return item


def _client(receiver: Receiver) -> aiomqtt.Client:
    settings = receiver.settings
    client = aiomqtt.Client(
        settings["host"],
        int(settings["port"]),
        identifier=settings["client"] or f"qingyuan-{receiver.code}",
        username=settings["user"] or None,
        password=settings["password"] or None,
        tls_context=ssl.create_default_context() if settings["tls"] == "yes" else None,
        queue_type=_Waiting,
        timeout=PATIENCE_S,
        **_session(settings["protocol"]),
    )
    client._client.manual_ack_set(True)  # aiomqtt 2.5 has no door of its own to this switch of paho
    return client


def _session(protocol: str) -> dict[str, Any]:
    """A session that outlives the connection; brokers of 3.1.1 keep one as long as they please."""
    if protocol != "5":
        return {"protocol": PROTOCOLS[protocol], "clean_session": False}
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = SESSION_S
    properties.ReceiveMaximum = UNACKNOWLEDGED
    return {"protocol": PROTOCOLS[protocol], "clean_start": False, "properties": properties}


def _subscription(protocol: str) -> dict[str, Any]:
    """With 5, what the broker keeps is asked for once a session, not at every connection."""
    if protocol != "5":
        return {"qos": 1}
    return {"options": SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)}


async def _take_some(client: aiomqtt.Client, receiver: Receiver) -> None:
    """Commit what has come, then acknowledge it."""
    batch = [await anext(client.messages)]
    await asyncio.sleep(GATHER_S)
    size = len(batch[0].payload)
    while len(client.messages) and len(batch) < UNACKNOWLEDGED and size < BATCH_BYTES:
        batch.append(await anext(client.messages))
        size += len(batch[-1].payload)
    await receiver.take_in(_payloads(batch))
    for message in batch:
        client._client.ack(message.mid, message.qos)
    waiting = client._queue
    if isinstance(waiting, _Waiting) and waiting.left_out:
        left_out, waiting.left_out = waiting.left_out, 0
        most = f"{WITHOUT_ACKNOWLEDGEMENT} or {BYTES_WITHOUT_ACKNOWLEDGEMENT // 2**20} MiB"
        expected = f"at most {most} that wait; let senders use QoS 1"
        detail = f"found messages of QoS 0 faster than they are stored, expected {expected}"
        await receiver.count("LeftOut", detail, left_out)


def _payloads(batch: Sequence[aiomqtt.Message]) -> list[Payload]:
    """The messages, each with an instant of its own: two numbers of one topic are two readings."""
    now = time.time_ns() // 1_000
    return [
        Payload(
            raw=bytes(message.payload),
            address=(KEPT_BY_BROKER if message.retain else "") + message.topic.value,
            received_us=now + position,
        )
        for position, message in enumerate(batch)
    ]
