"""A city is warned while a queue of lesser messages leaves: when the first and the last of it have
their text message, and whether any of the others went before them."""
from .figures import Figure, Row
from .machine import Fault
from .outgoing import Alerts, Centre, Teller, phone_of, row_of, sms_channel

CITY, ELSEWHERE, NOWHERE = "E06000038", "E08000003", "W06000015"  # Reading, Manchester, Cardiff
PATIENCE_S = 1
RATE = 500
COLUMNS = [
    Figure("import_s", "import, s", ""),
    Figure("planned_s", "the lesser planned, s", ""),
    Figure("sent_before", "of them sent before", ""),
    Figure("first_s", "first of the city, s", ""),
    Figure("last_s", "last of the city, s", ""),
    Figure("between", "lesser ones between", ""),
    Figure("most_in_a_second", "most in a second", ""),
]
ABOUT = (
    "{all:,} organisations are imported by `tocsin org import`, {moderate:,} messages of a "
    "Moderate alert are planned and leave at the {rate} a second of the contract, then an Extreme"
    " alert comes for a city of {city:,}. Times run from the answer to its POST; the second that "
    "the rules wait for somebody to acknowledge is in them. A lesser message after the first of "
    "the city and before its last makes a round without figures, and so does one that is missing,"
    " or more in any second than the contract and a hundredth.")


def most_in_a_second(times):
    """The most that fall into any second."""
    most = first = 0
    for last, time in enumerate(times):
        while time - times[first] > 1 - 1e-9:
            first += 1
        most = max(most, last - first + 1)
    return most


def judged(entries, posted, city):
    """The figures of one round, from (when, number) of each message and the numbers of the city."""
    ours = [at for at, number in entries if number in city]
    others = [at for at, number in entries if number not in city]
    told = {number for _, number in entries if number in city}
    if len(told) != len(city) or len(ours) != len(city):
        raise Fault(f"{len(ours):,} messages went to {len(told):,} of {len(city):,} in the city")
    first, last = min(ours), max(ours)
    between = sum(first < at < last for at in others)
    most = most_in_a_second(sorted(at for at, _ in entries))
    if between:
        raise Fault(f"{between:,} lesser messages came before the last of the city")
    if most > RATE * 1.01:
        raise Fault(f"{most:,} messages came in a second")
    return {"sent_before": sum(at < posted for at in others), "first_s": first - posted,
            "last_s": last - posted, "between": between, "most_in_a_second": most}


class City:
    def __init__(self, run):
        self.run = run
        share = 20 if run.options.quick else 1
        self.counts = {"all": 100_000 // share, "moderate": 50_000 // share,
                       "city": 12_000 // share}

    def places(self):
        """Where each organisation is: the city first, then those of the lesser alert."""
        counts = self.counts
        rest = counts["all"] - counts["city"] - counts["moderate"]
        return [CITY] * counts["city"] + [ELSEWHERE] * counts["moderate"] + [NOWHERE] * rest

    def measure(self):
        run, counts = self.run, self.counts
        # The first one made is the second of each list.
        alerts = Alerts(run, 2, ("Extreme", "Moderate"), (CITY, ELSEWHERE))
        city = {phone_of(number) for number in range(counts["city"])}
        centre = Centre(run.context, journal=True)
        with centre, Teller(run.context, alerts, sms_channel(centre.port, RATE),
                            PATIENCE_S) as engine:
            imported = engine.take_list(row_of(number, place, "sms")
                                        for number, place in enumerate(self.places()))
            began = engine.post(0)
            planned = engine.wait_for("tocsin_delivery_planned_total", counts["moderate"], 120)
            # Some of them are leaving when the other alert comes.
            engine.wait_for("tocsin_delivery_attempts_total", counts["moderate"] // 20, 60)
            posted = engine.post(1)
            engine.wait_for("tocsin_delivery_attempts_total",
                            counts["city"] + counts["moderate"] // 20,
                            60 + counts["city"] / RATE)
            # Until lesser ones leave again, so that it is seen what comes behind.
            more = engine.metric("tocsin_delivery_attempts_total") + 3 * RATE
            engine.wait_for("tocsin_delivery_attempts_total", more, 60)
        return {"import_s": imported, "planned_s": planned - began,
                **judged(centre.entries(), posted, city)}


def city(run):
    one = City(run)
    row = Row("city", "tocsind", **one.counts)
    run.rounds("city", [row], lambda _: one.measure())
    run.publish("city", "A city while lesser messages leave", ABOUT.format(rate=RATE, **one.counts),
                COLUMNS, [row])
