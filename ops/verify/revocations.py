"""Revocations: what one key may say alone between two versions of the trust document, as
schemas/trust.md tells it. They only take away, so those that counted once are kept."""
import re

from bulletin import Refused, encoding, holds, octets, opened, require, strict_json, time_of

REVOCATION_TYPE = "application/vnd.tocsin.revocation+json"
LINE_OCTETS_MAX, PAYLOAD_OCTETS_MAX, SIGNATURES_MAX, KEPT_MAX = 16 << 10, 4 << 10, 8, 1000


def counted(line, document):
    """What a revocation that counts under `document` says, and the ids of the keys it counts by."""
    require(len(line) <= LINE_OCTETS_MAX, "too_large", "It is too long for a revocation.")
    payload, signatures = opened(strict_json(line), REVOCATION_TYPE)
    require(len(payload) <= PAYLOAD_OCTETS_MAX and len(signatures) <= SIGNATURES_MAX, "too_large",
            "It is too much for a revocation.")
    said = strict_json(payload)
    require(isinstance(said, dict) and all(isinstance(said.get(name), str) for name in (
        "system", "keyid", "since", "reason", "issued"))
            and re.fullmatch("[0-9a-f]{64}", said["keyid"]), "malformed_envelope",
            "It says no key, or not since when.")
    time_of(said["since"])
    require(said["system"] == document["system"], "wrong_system", "It is for another system.")
    listed = {key["keyid"]: key for key in document.get("revocation") or []}
    require(said["keyid"] not in listed
            and said["keyid"] not in [key["keyid"] for key in document["root"]["keys"]],
            "outside_authority", "It names a root or a revocation key.")
    gone = [revoked["keyid"] for revoked in document.get("revoked") or []]
    signers = frozenset(keyid for keyid, _ in signatures if keyid in listed and keyid not in gone)
    for keyid, signature in signatures:
        require(keyid not in signers or holds(octets(listed[keyid]["public"], 32),
                                              encoding(REVOCATION_TYPE, payload), signature),
                "bad_signature", f"The signature of {keyid} does not verify.")
    require(signers, "unknown_key", "No revocation key of the trust document has signed it.")
    return said, signers


def counting(lines, document):
    """Those of `lines` that count under `document`; the others may under a later one."""
    found = []
    for line in lines:
        try:
            found.append(counted(line, document))
        except Refused:
            continue
    return found


def adds(said, signers, known):
    """Whether it takes away more than the known ones do, also when some signers were dropped."""
    return not any(other["keyid"] == said["keyid"] and signers <= by
                   and time_of(other["since"]) <= time_of(said["since"]) for other, by in known)


def applied(found, document):
    """The document as it is to be read: with what counts among its `revoked`."""
    return {**document, "revoked": (document.get("revoked") or []) + [said for said, _ in found]}
