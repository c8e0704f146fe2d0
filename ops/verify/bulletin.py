"""Judges a bulletin against a trust document, and a trust document against pinned root keys, as
schemas/envelope.md, trust.md and refusals.md tell it. Python's standard library and the openssl
command; no state, no network."""
import base64
import datetime
import hashlib
import json
import os
import re
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree

CAP_TYPE = "application/cap+xml"
TRUST_TYPE = "application/vnd.tocsin.trust+json"
DER_PREFIX = bytes.fromhex("302a300506032b6570032100")  # RFC 8410, before the 32 octets
SEVERITIES = ["Minor", "Moderate", "Severe", "Extreme"]
NAMESPACE = "{urn:oasis:names:tc:emergency:cap:1.2}"


class Refused(Exception):
    """Why it is not believed: a code of refusals.md where there is one, and a sentence."""

    def __init__(self, code, sentence):
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


def require(condition, code, sentence):
    if not condition:
        raise Refused(code, sentence)


def strict_json(text):
    def once(pairs):
        require(len({key for key, _ in pairs}) == len(pairs), "malformed_envelope",
                "A key stands twice in one object.")
        return dict(pairs)
    def never(name):
        raise ValueError(f"{name} is no number of JSON")
    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=never)
    except (ValueError, RecursionError) as fault:
        raise Refused("malformed_envelope", "This is no JSON.") from fault


def octets(text, count=None):
    """Strict base64: the text that those octets have, and no other one."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (ValueError, TypeError) as fault:
        raise Refused("malformed_envelope", "A value is not base64.") from fault
    require(base64.b64encode(decoded).decode() == text and count in (None, len(decoded)),
            "malformed_envelope", "A value is not strict base64 of the length it should have.")
    return decoded


def encoding(payload_type, payload):
    """DSSE's pre-authentication encoding: what is signed."""
    return b"DSSEv1 %d %s %d %s" % (len(payload_type), payload_type.encode(), len(payload), payload)


def holds(public, message, signature):
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: os.path.join(folder, name) for name in ("key", "message", "signature")}
        for name, content in (("key", DER_PREFIX + public), ("message", message),
                              ("signature", signature)):
            with open(paths[name], "wb") as file:
                file.write(content)
        return subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", paths["key"],
             "-rawin", "-in", paths["message"], "-sigfile", paths["signature"]],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def opened(envelope, payload_type):
    """The payload and [(keyid, signature)] of an envelope of that type."""
    require(isinstance(envelope, dict) and isinstance(envelope.get("signatures"), list)
            and isinstance(envelope.get("payload"), str),
            "malformed_envelope", "It is no envelope.")
    require(envelope.get("payloadType") == payload_type, "unsupported_type",
            f"It is no {payload_type}.")
    signatures = []
    for each in envelope["signatures"]:
        require(isinstance(each, dict) and isinstance(each.get("keyid"), str)
                and re.fullmatch("[0-9a-f]{64}", each["keyid"]),
                "malformed_envelope", "A key id is not 64 lower-case hexadecimal digits.")
        signatures.append((each["keyid"], octets(each.get("sig"), 64)))
    keyids = [keyid for keyid, _ in signatures]
    require(keyids and len(set(keyids)) == len(keyids), "malformed_envelope",
            "It has no signature, or a key id twice.")
    return octets(envelope["payload"]), signatures


def time_of(text):
    try:
        time = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except (ValueError, AttributeError) as fault:
        raise Refused("invalid_alert", f"{text!r} is no time.") from fault
    require(time.tzinfo is not None, "invalid_alert", f"{text!r} has no offset.")
    return time


# --- the trust document

def keys_of(document):
    yield from document["root"]["keys"]
    yield from document.get("revocation") or []
    for sender in document["senders"]:
        yield from sender["officers"]


def holders_who_signed(keys, payload, signatures):
    """The distinct holders among `keys` who signed; one wrong signature of theirs is fatal."""
    by_id = {key["keyid"]: key for key in keys}
    for keyid, signature in signatures:
        if keyid in by_id:
            require(holds(octets(by_id[keyid]["public"], 32), encoding(TRUST_TYPE, payload),
                          signature), "bad_signature", f"The signature of {keyid} does not verify.")
    return {by_id[keyid]["holder"] for keyid, _ in signatures if keyid in by_id}


def read_trust(file, root_ids, before=None):
    """The payload of a trust document that follows `before`, or that is the first one and whose
    roots are among `root_ids`, which came by another way."""
    payload, signatures = opened(strict_json(file), TRUST_TYPE)
    document = strict_json(payload)
    try:
        ids = [key["keyid"] for key in keys_of(document)]
        for key in keys_of(document):
            require(hashlib.sha256(octets(key["public"], 32)).hexdigest() == key["keyid"],
                    "malformed_envelope", f"{key['keyid']} is not the SHA-256 of its key.")
        require(len(set(ids)) == len(ids), "malformed_envelope", "A key stands twice in it.")
        roots, threshold = document["root"]["keys"], document["root"]["threshold"]
        require(len(holders_who_signed(roots, payload, signatures)) >= threshold >= 1,
                "needs_approval", "Fewer of its own roots signed it than it asks for.")
        if before is None:
            pinned = [key for key in roots if key["keyid"] in root_ids]
            asked = min(threshold, len({key["holder"] for key in pinned}))
            require(pinned, "unknown_key", "None of its roots is one whose id you gave.")
        else:
            pinned, asked = before["root"]["keys"], before["root"]["threshold"]
            require((document["system"], document["kind"]) == (before["system"], before["kind"]),
                    "wrong_system", "It is another system's document.")
            require(document["version"] > before["version"] or document == before, "not_newer",
                    f"Version {document['version']} is not newer than {before['version']}.")
        require(len(holders_who_signed(pinned, payload, signatures)) >= asked, "needs_approval",
                "Fewer of the roots that are pinned signed it than is asked for.")
    except (KeyError, TypeError) as fault:
        raise Refused("malformed_envelope", f"A member is missing or of another type: {fault}.") \
            from fault
    return document


# --- bulletins

def check_revoked(document, keyid, time):
    for revoked in document.get("revoked") or []:
        require(revoked["keyid"] != keyid or time < time_of(revoked["since"]), "key_revoked",
                f"The key {keyid} is revoked since {revoked['since']}.")


def officer_of(document, keyid, at):
    for sender in document["senders"]:
        for officer in sender["officers"]:
            if officer["keyid"] == keyid:
                require(time_of(officer["not_before"]) <= at < time_of(officer["not_after"]),
                        "key_expired", f"The key of {officer['holder']} was not valid at {at}.")
                check_revoked(document, keyid, at)
                return sender, officer
    raise Refused("unknown_key", f"Nobody in the trust document has the key {keyid}.")


class Alert:
    """What a CAP document says, as far as it decides whether its signers may say it."""

    def __init__(self, xml):
        require(b"<!DOCTYPE" not in xml and b"<!ENTITY" not in xml, "invalid_alert",
                "It has a DOCTYPE.")
        try:
            self.root = ElementTree.fromstring(xml.decode("utf-8"))
        except (ElementTree.ParseError, ValueError) as fault:
            raise Refused("invalid_alert", "It is no XML in UTF-8.") from fault
        require(self.root.tag == NAMESPACE + "alert", "invalid_alert", "It is no CAP 1.2 alert.")
        infos = self.root.findall(NAMESPACE + "info")
        ranks = [severity if severity in SEVERITIES else "Extreme"
                 for severity in (self.text(info, "severity") for info in infos)] or ["Extreme"]
        self.severity = max(ranks, key=SEVERITIES.index)
        self.categories = {category.text for info in infos
                           for category in info.findall(NAMESPACE + "category")}
        self.codes = [code.text for code in self.root.findall(NAMESPACE + "code")]
        self.references = [tuple(each.split(",")) for each in
                           (self.text(self.root, "references") or "").split()]
        self.headline = next(filter(None, (self.text(info, name) for name in ("headline", "event")
                                           for info in infos)), None)
        self.reason = self.text(self.root, "note") or next(
            filter(None, (self.text(info, "description") for info in infos)), "")

    @staticmethod
    def text(element, name):
        found = element.find(NAMESPACE + name)
        return None if found is None or found.text is None else found.text.strip()

    def __getattr__(self, name):
        return self.text(self.root, name)


def check_authority(alert, document, sender, officers):
    """Questions 7 to 10. Places are not asked: that takes a table of them (schemas/places.md)."""
    authority, kind = sender["authority"], document["kind"]
    require([code for code in alert.codes if (code or "").startswith("system:")]
            == ["system:" + document["system"]], "wrong_system", "It is another system's alert.")
    require(alert.status in ("Exercise", "Test") + (("Actual",) if kind == "live" else ()),
            "wrong_system", f"Status {alert.status} is not for this system.")
    require(alert.sender == sender["sender"], "outside_authority", "It speaks for another sender.")
    duties = [set(officer["duties"]) for officer in officers]
    if alert.msgType == "Cancel":
        require(any("cancel" in each for each in duties), "outside_authority",
                "None of those who signed may cancel.")
    else:
        require(all(each & {"originate", "approve"} for each in duties), "outside_authority",
                "One of those who signed may neither originate nor approve.")
        require(alert.categories <= set(authority["categories"])
                and alert.status in authority["statuses"] and alert.scope in authority["scopes"]
                and SEVERITIES.index(alert.severity) <= SEVERITIES.index(authority["max_severity"]),
                "outside_authority", "It says more than the sender may.")
        rank = SEVERITIES.index(alert.severity)
        rules = [rule["holders"] for rule in sender.get("approvals") or []
                 if rule["status"] == alert.status
                 and rank >= SEVERITIES.index(rule["severity_at_least"])]
        need = max(rules) if rules else 2 if alert.status == "Actual" else 1
        have = len({officer["holder"] for officer in officers})
        require(have >= need and any("originate" in each for each in duties), "needs_approval",
                f"{have} persons signed it; it takes {need}, one of whom may originate.")
    if alert.msgType != "Alert":
        require(alert.references and all(len(each) == 3 and each[0] == alert.sender
                                         for each in alert.references), "foreign_reference",
                "It names no alert, or one of another sender.")


def judged(alert_object, document):
    """The Alert inside an `alert` object of the stream and its signed bytes, or Refused. Its `at`
    is the engine's word alone, so it has to agree with `sent`, which the officers signed."""
    require(isinstance(alert_object, dict), "malformed_envelope", "It is no alert object.")
    payload, signatures = opened(alert_object.get("envelope"), CAP_TYPE)
    at = time_of(alert_object.get("at"))
    signers = [officer_of(document, keyid, at) for keyid, _ in signatures]
    require(len({sender["sender"] for sender, _ in signers}) == 1, "unknown_key",
            "It is signed for two senders.")
    for (keyid, signature), (_, officer) in zip(signatures, signers):
        require(holds(octets(officer["public"], 32), encoding(CAP_TYPE, payload), signature),
                "bad_signature", f"The signature of {officer['holder']} does not verify.")
    require(hashlib.sha256(payload).hexdigest() == alert_object.get("id"), "wrong_id",
            "Its id is not the SHA-256 of what was signed.")
    alert = Alert(payload)
    for keyid, _ in signatures:  # `at` is the engine's word; that the key was whole then, `sent`'s
        check_revoked(document, keyid, time_of(alert.sent))
    check_authority(alert, document, signers[0][0], [officer for _, officer in signers])
    ahead = time_of(alert.sent) - at
    require(ahead <= datetime.timedelta(minutes=2), "sent_in_future", "It was sent after it came.")
    require(alert.msgType == "Cancel" or -ahead <= datetime.timedelta(hours=24), "too_old",
            "It was sent more than a day before it is said to have come.")
    return alert, payload
