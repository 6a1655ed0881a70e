"""A Latchkey device: enrolls once, stays connected, hears commands. Copy this file; lamp.py shows its use.

Works with paho-mqtt 1.6 and 2.x, and needs nothing else. One thread: everything happens inside Device.run().
"""

import json
import os
import time

from latchkey_connection import Connection, Lost, NotAllowed, wait_after
from latchkey_enroll import EnrollRefused, enroll

STEADY_SECONDS = 10
TICK_SECONDS = 0.05


class CannotDo(Exception):
    """Raised by a handler, with words for the user, when a command cannot be done: answered 2005."""


class Device:
    """`on_set(wanted)` applies properties and returns those it accepted; `actions[name](input)` does an action; `on_tick()` is called
    many times a second. Handlers must not block: while they run, nothing is sent or heard."""

    def __init__(self, broker, store, state):
        self.broker = broker
        self.store = store
        self.state = dict(state)
        self.actions = {}
        self.on_tick = lambda: None
        self._connection = None
        self._id = ""
        self._offering = False

    def on_set(self, wanted):
        raise CannotDo("nothing can be set")

    def on_refused(self, refusal):
        """The broker refused something that this device sent: {"topic", "code", "msg"}, with the "property" of a report whose value was
        left out, or the "rule" that refused a whole message. It is printed already."""

    def report(self, changes):
        """Changes the state, and sends what changed when connected; every connection begins with the whole state."""
        self.state.update(changes)
        if changes:
            self._publish("state", changes)

    def offer(self):
        """Its button was held: while nobody owns the device, the code of its label is valid again for two minutes. May be called from a signal
        handler. What came of it is printed."""
        self._offering = True

    def run(self, factory=None):
        """Never returns. `factory` is (type, serial, product secret) of a device that enrolls when it has no secret yet."""
        failures = 0
        while True:
            opened_at = None
            try:
                credentials = load_credentials(self.store)
                if credentials is None:
                    self._enroll(factory)
                    failures = 0
                    continue
                opened_at = self._connect(credentials)
                while True:
                    self._connection.poll(TICK_SECONDS)
                    self._ask_to_be_added()
                    self.on_tick()
            except EnrollRefused as refusal:
                wait, why = refusal.wait_seconds, str(refusal)
            except NotAllowed as refusal:
                wait, why = wait_after(failures, refused=True), f"{refusal}. {self._advice(refusal.code)}"
            except (Lost, OSError) as problem:
                if opened_at is not None and time.monotonic() - opened_at > STEADY_SECONDS:
                    failures = 0
                wait, why = wait_after(failures), f"not connected: {problem}"
                failures += 1
            self._drop()
            say(f"{why}; next attempt in {wait:.0f} s")
            self._pause(wait)

    def close(self):
        """Says goodbye to the broker."""
        self._drop()

    def _enroll(self, factory):
        if factory is None:
            raise SystemExit(f"{self.store} is not there, and without --serial and --product-secret there is no enrolling")
        kind, serial, secret = factory
        with Reserved(self.store) as place:  # first of all: a secret that cannot be kept would be lost for ever
            enrolled = enroll(self.broker, kind, serial, secret)
            place.write({"id": enrolled["deviceId"], "secret": enrolled["secret"]})
        say(f"enrolled as {enrolled['deviceId']}, claim code {enrolled['claimCode'] or '(none: the device has an owner)'}")

    def _connect(self, credentials):
        self._id = credentials["id"]
        self._connection = Connection(self.broker, self._id, credentials["secret"], self._received)
        self._connection.open()
        self._connection.subscribe([f"devices/{self._id}/set", f"devices/{self._id}/invoke/+", f"notify/{self._id}/#", f"reply/{self._id}/#"])
        self._publish("state", self.state)
        say(f"connected as {self._id}")
        return time.monotonic()

    def _received(self, topic, payload):
        """Does a command, reports, then acknowledges: who waits for the ack has the new values already. A notification is told."""
        try:
            command = json.loads(payload.decode("utf-8")) if payload else {}
        except (ValueError, RecursionError):
            return
        if not isinstance(command, dict):
            return
        if topic.startswith("notify/"):
            if topic.endswith("/denied"):
                self._refused(command)
            return
        if topic.startswith("reply/"):
            if topic.endswith("/device/offer"):
                self._offered(command)
            return
        command_id = command.pop("id", None)
        answer = {"id": command_id, "code": 0}
        try:
            self._do(topic.split("/")[2:], command)
        except CannotDo as problem:
            answer.update(code=2005, msg=str(problem)[:200])
        if isinstance(command_id, str):
            self._publish("ack", answer)

    def _ask_to_be_added(self):
        if self._offering:
            self._offering = False
            self._connection.publish(f"request/{self._id}/device/offer", {})

    def _offered(self, reply):
        if reply.get("code") == 0:
            say("the code of the label is valid for two minutes")
        else:
            say(f"cannot be added: {reply.get('msg')} ({reply.get('code')})")

    def _refused(self, refusal):
        if not isinstance(refusal.get("msg"), str):
            return
        what = " ".join(str(refusal[key]) for key in ("topic", "property") if key in refusal)
        say(f"refused: {what}: {refusal['msg']} ({refusal.get('code')})")
        self.on_refused(refusal)

    def _do(self, levels, command):
        if levels == ["set"]:
            self.report(self.on_set(command))
        elif len(levels) == 2 and levels[0] == "invoke":
            action = self.actions.get(levels[1])
            if action is None:
                raise CannotDo(f"no action {levels[1]}")
            action(command.get("input"))

    def _publish(self, kind, message):
        if self._connection is not None:
            self._connection.publish(f"devices/{self._id}/{kind}", message)

    def _drop(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _pause(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(TICK_SECONDS)
            self.on_tick()

    def _advice(self, code):
        if code in (4, 5):
            return (
                f"If an operator reset the device, delete {self.store} to enroll again, or put the new id and secret into it;"
                " if it was disabled, it must be enabled"
            )
        return "The client id must be the device id"


def load_credentials(path):
    """{"id", "secret"} from the file, or None when there is none. What `latchkey device add --json` prints is such a file. A file that is
    no such thing ends the program: it may hold a secret that somebody can still save."""
    try:
        with open(path, encoding="utf-8") as file:
            stored = json.load(file)
        if isinstance(stored, dict) and all(isinstance(stored.get(key), str) and stored[key] for key in ("id", "secret")):
            return stored
    except FileNotFoundError:
        return None
    except ValueError:
        pass
    raise SystemExit(f'{path} must hold {{"id": "…", "secret": "…"}}')


class Reserved:
    """A place for a file that only its owner may read, made before there is anything to write. The file appears whole or not at all."""

    def __init__(self, path):
        self.path = path
        self.draft = f"{path}.new"

    def __enter__(self):
        if os.path.lexists(self.draft):
            os.unlink(self.draft)
        self.file = os.fdopen(os.open(self.draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")
        return self

    def write(self, content):
        json.dump(content, self.file)
        self.file.flush()
        os.fsync(self.file.fileno())
        os.replace(self.draft, self.path)
        folder = os.open(os.path.dirname(os.path.abspath(self.path)), os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def __exit__(self, *_):
        self.file.close()
        if os.path.lexists(self.draft):
            os.unlink(self.draft)


def say(text):
    print(text, flush=True)
