"""Enrolling: a device that knows only its product's secret gets a secret of its own, once."""

import hashlib
import hmac
import json
import random
import re
import time

from latchkey_connection import ANSWER_SECONDS, Connection, Lost, wait_after

DEVICE_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
ADVICE = {
    2007: "an operator must reset it: latchkey device reset ID",
    4003: "wrong product secret, the type may not enroll, or the clock of this device is wrong",
    4029: "too many attempts",
}


class EnrollRefused(Exception):
    """The broker answered, and the answer was no. `wait_seconds` is how long to leave it in peace."""

    def __init__(self, code, msg, retry_after):
        super().__init__(f"enrolling was refused with {code} ({msg}): {ADVICE.get(code, 'see docs/protocol.md')}")
        self.wait_seconds = retry_after + 60 * (1 + random.random()) if code == 4029 else wait_after(0, refused=True)


def signature(product_secret, kind, serial, timestamp):
    """HMAC-SHA256 in lower-case hex; the key is the secret's text as it was printed."""
    message = f"{kind}\n{serial}\n{timestamp}".encode()
    return hmac.new(product_secret.encode(), message, hashlib.sha256).hexdigest()


def enroll(broker, kind, serial, product_secret):
    """{"deviceId", "secret", "claimCode"}. Raises EnrollRefused, Lost or NotAllowed."""
    client_id = f"enroll-{serial}"
    topic = f"reply/{client_id}/device/enroll"
    replies = []

    def received(name, payload):
        if name == topic:
            replies.append(payload)

    connection = Connection(broker, client_id, None, received)
    try:
        connection.open()
        connection.subscribe([f"reply/{client_id}/#"])
        timestamp = int(time.time())
        signed = signature(product_secret, kind, serial, timestamp)
        request = {"type": kind, "serial": serial, "timestamp": timestamp, "signature": signed}
        connection.publish(f"request/{client_id}/device/enroll", request)
        until = time.monotonic() + ANSWER_SECONDS
        while not replies:
            if time.monotonic() > until:
                raise Lost("no answer to device/enroll")
            connection.poll(0.1)
    finally:
        connection.close()
    return parse_reply(replies[0])


def parse_reply(payload):
    try:
        reply = json.loads(payload.decode("utf-8"))
        code, data = reply["code"], reply.get("data")
        if code != 0:
            retry_after = data.get("retryAfter", 0) if isinstance(data, dict) else 0
            raise EnrollRefused(int(code), str(reply.get("msg", "")), min(float(retry_after), 86_400))
        device_id, secret = data["deviceId"], data["secret"]
        if DEVICE_ID.fullmatch(device_id) and isinstance(secret, str) and secret:
            claim_code = data.get("claimCode")
            return {"deviceId": device_id, "secret": secret, "claimCode": claim_code if isinstance(claim_code, str) else None}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    raise Lost("an answer to device/enroll that makes no sense")
