"""One MQTT connection to Latchkey, on paho-mqtt 1.6 or 2.x."""

import json
import random
import ssl
import time
from dataclasses import dataclass
from typing import Optional

import paho.mqtt.client as mqtt

ANSWER_SECONDS = 15
KEEP_ALIVE_SECONDS = 30
FIRST_WAIT_SECONDS = 1
LONGEST_WAIT_SECONDS = 60
REFUSED_WAIT_SECONDS = 300

# CONNACK codes that only a person can change. paho 2 names them by those of MQTT 5.
REFUSALS = {1: 1, 2: 2, 4: 4, 5: 5, 132: 1, 133: 2, 134: 4, 135: 5}
MEANING = {1: "protocol not supported", 2: "client id refused", 4: "wrong device id or secret", 5: "not allowed", 128: "subscription refused"}


class Lost(Exception):
    """The connection was lost, or could not be made."""


class NotAllowed(Exception):
    """The broker said no: CONNACK 1, 2, 4 or 5, or 128 for a subscription."""

    def __init__(self, code):
        super().__init__(f"refused with {code}: {MEANING[code]}")
        self.code = code


@dataclass(frozen=True)
class Broker:
    host: str
    port: int
    tls: bool = False
    ca: Optional[str] = None


def wait_after(failures, refused=False):
    """Seconds until the next attempt: exponential, with jitter, so that a thousand devices do not come back in one instant."""
    if refused:
        return REFUSED_WAIT_SECONDS * (0.5 + random.random() / 2)
    return random.random() * min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** min(failures, 16))


class Connection:
    """A connection is opened once and never comes back by itself: the next one is a new client, which sends nothing stale. Without a
    secret it is a guest's. Every method but close() raises Lost or NotAllowed."""

    def __init__(self, broker, client_id, secret, received):
        self._broker = broker
        self._received = received
        self._connack = None
        self._granted = None
        self._client = make_client(client_id)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = lambda _client, _userdata, message: received(message.topic, message.payload)
        if secret is not None:
            self._client.username_pw_set(client_id, secret)
        if broker.tls:
            self._client.tls_set_context(ssl.create_default_context(cafile=broker.ca))

    def open(self):
        self._client.connect(self._broker.host, self._broker.port, KEEP_ALIVE_SECONDS)
        self._wait(lambda: self._connack is not None)
        if self._connack in REFUSALS:
            raise NotAllowed(REFUSALS[self._connack])
        if self._connack != 0:
            raise Lost("the broker is in trouble")

    def subscribe(self, filters):
        self._granted = None
        self._client.subscribe([(name, 1) for name in filters])
        self._wait(lambda: self._granted is not None)
        if any(code >= 128 for code in self._granted):
            raise NotAllowed(128)

    def publish(self, topic, message):
        self._client.publish(topic, json.dumps(message), qos=1)

    def poll(self, seconds):
        """Sends and receives for at most that long."""
        code = self._client.loop(seconds)
        if code != mqtt.MQTT_ERR_SUCCESS and self._connack in (None, 0):
            raise Lost(mqtt.error_string(code))

    def close(self):
        try:
            self._client.disconnect()
            if self._client.socket() is not None:
                self._client.socket().close()
        except (OSError, ValueError):
            pass  # it was gone already

    def _wait(self, done):
        until = time.monotonic() + ANSWER_SECONDS
        while not done():
            if time.monotonic() > until:
                raise Lost(f"no answer within {ANSWER_SECONDS} s")
            self.poll(0.1)

    def _on_connect(self, _client, _userdata, _flags, code, *_properties):
        self._connack = getattr(code, "value", code)

    def _on_subscribe(self, _client, _userdata, _mid, granted, *_properties):
        self._granted = [getattr(code, "value", code) for code in granted]


def make_client(client_id):
    if hasattr(mqtt, "CallbackAPIVersion"):  # paho 2
        return mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=True)
    return mqtt.Client(client_id=client_id, clean_session=True)
