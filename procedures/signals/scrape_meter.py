"""Measures answered from the service's own ``/metrics``, where there is no Prometheus."""

import asyncio
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from procedures.clock import Clock
from procedures.environment import Endpoint, Limits
from procedures.errors import SourceError
from procedures.reference.measures import Measure
from procedures.signals.evaluation import Evaluator, Group
from procedures.signals.exposition import ExpositionReader, Sample
from procedures.signals.freshness import skew_note
from procedures.signals.http import Answer, Site
from procedures.signals.meter import Answers, Measures, Tracks
from procedures.signals.samples import SampleStore


class ScrapeMeter:
    """Scrapes every instance and evaluates measures over what it has seen.

    An instance that does not answer is a fact, ``up`` 0, and not an error of this meter.
    """

    name = "metrics"
    remembers = False

    def __init__(
        self,
        endpoints: tuple[Endpoint, ...],
        *,
        wanted: Iterable[str],
        history_url: str,
        window_s: int,
        limits: Limits,
        timeout_s: float,
        clock: Clock,
    ) -> None:
        self.address = ", ".join(endpoint.url for endpoint in endpoints)
        self.timeout_s = timeout_s
        self._sites = {_instance(each): Site(each, timeout_s=timeout_s) for each in endpoints}
        self._paths = {_instance(each): _path(each) for each in endpoints}
        self._history_url = history_url
        self._window_s = window_s
        self._limits = limits
        self._clock = clock
        self._store = SampleStore(wanted={*wanted, "up"})
        self._readers = {each: ExpositionReader({"instance": each}) for each in self._sites}
        self._lock = asyncio.Lock()
        self._scraped = asyncio.Event()
        self._note = ""
        self._fault = ""
        self._silent = ""

    async def now(self) -> float:
        """Return the time of the last scrape; waits for the first one."""
        await self._scraped.wait()
        return self._store.newest

    async def refresh(self) -> None:
        """Scrape all instances at once."""
        if not self._scraped.is_set() and self._history_url:
            await self._begin_from_history()
        at = self._clock.now().timestamp()
        asked = (self._scrape(instance, site) for instance, site in self._sites.items())
        answers = dict(zip(self._sites, await asyncio.gather(*asked), strict=True))
        async with self._lock:
            faults = await asyncio.to_thread(self._take, at, answers)
        count = f"{len(faults)} of {len(self._sites)} instances do not answer"
        self._silent = f"{count}: {faults[0]}" if faults else ""
        if self._scraped.is_set():
            self._fault = ""
        self._scraped.set()

    async def ask(self, measures: Measures) -> Answers:
        """Answer each measure as of the last scrape; waits for the first one."""
        await self._scraped.wait()
        async with self._lock:
            at = self._store.newest
            evaluate = self._evaluator(at).evaluate
            evaluations = await asyncio.to_thread(
                lambda: {n: evaluate(each) for n, each in measures.items()}
            )
        return Answers(
            at=datetime.fromtimestamp(at, UTC),
            server_at=at,
            evaluations=evaluations,
            note=self._note,
            fault=self._fault,
            silent=self._silent,
        )

    async def ask_past(
        self, measures: Measures, *, start: float, end: float, step_s: int
    ) -> Mapping[str, Tracks]:
        """Answer each measure at past instants, as far as samples reach."""
        await self._scraped.wait()
        instants = [start + step_s * index for index in range(int((end - start) // step_s) + 1)]
        tracks: dict[str, Tracks] = {}
        for name, measure in measures.items():
            # One measure at a time, so that a scrape need not wait for the whole past.
            async with self._lock:
                tracks[name] = await asyncio.to_thread(self._track, measure, instants)
        return tracks

    async def aclose(self) -> None:
        """Close the connections to all instances."""
        for site in self._sites.values():
            await site.aclose()

    def _evaluator(self, at: float) -> Evaluator:
        return Evaluator(self._store, at, window_s=self._window_s, limits=self._limits)

    def _track(self, measure: Measure, instants: list[float]) -> Tracks:
        tracks: dict[Group, list[float]] = {}
        for position, at in enumerate(instants):
            if at < self._store.began:
                continue
            answer = self._evaluator(at).evaluate(measure)
            groups = answer.groups if getattr(measure, "by", ()) else {(): answer.value}
            for group, value in groups.items():
                if value is not None:
                    track = tracks.setdefault(group, [math.nan] * len(instants))
                    track[position] = value
        return tracks

    async def _scrape(self, instance: str, site: Site) -> Answer | SourceError:
        try:
            return await site.get(self._paths[instance])
        except SourceError as error:
            return error

    def _take(self, at: float, answers: Mapping[str, Answer | SourceError]) -> list[str]:
        """Store the answers of one round; return the faults."""
        faults = []
        for instance, answer in answers.items():
            samples: list[Sample] = []
            up = 1.0
            try:
                samples = self._samples(instance, answer)
            except SourceError as error:
                up = 0.0
                faults.append(error.what)
            for metric, labels, value, stamped_at in samples:
                self._store.add(metric, labels, stamped_at or at, value)
            self._store.add("up", (("instance", instance),), at, up)
            self._store.end_missing("instance", instance, at)
            if isinstance(answer, Answer) and answer.server_time is not None:
                self._note = skew_note(answer.server_time, at, instance)
        self._store.prune(at)
        return faults

    def _samples(self, instance: str, answer: Answer | SourceError) -> list[Sample]:
        if isinstance(answer, SourceError):
            raise answer
        samples = list(self._readers[instance].read(answer.text()))
        if not samples:
            raise SourceError(
                f"{answer.address} exports no metrics", fix="Check that metrics are switched on"
            )
        return [each for each in samples if self._store.wants(each.metric)]

    async def _begin_from_history(self) -> None:
        site = Site(Endpoint(url=self._history_url), timeout_s=self.timeout_s)
        try:
            answer = await site.get()
            async with self._lock:
                await asyncio.to_thread(self._take_history, answer.text())
        except SourceError as error:
            self._fault = f"no history to begin from: {error.what}"
        finally:
            await site.aclose()

    def _take_history(self, text: str) -> None:
        for sample in ExpositionReader().read(text):
            if sample.at is not None and self._store.wants(sample.metric):
                self._store.add(sample.metric, sample.labels, sample.at, sample.value)
        self._store.end_strangers("instance", frozenset(self._sites))


def _instance(endpoint: Endpoint) -> str:
    """Return host and port, which is what Prometheus calls an instance by default."""
    return urlsplit(endpoint.url).netloc


def _path(endpoint: Endpoint) -> str:
    return "" if urlsplit(endpoint.url).path.endswith("/metrics") else "/metrics"
