"""A reload in steps: look at what it would change, or let a share of the requests try it before it takes effect.

At most one trial runs. Whatever else is asked of the file ends it, and what it tried is forgotten.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from g4f import log
from g4f.config.load import Loaded
from g4f.errors import ConfigError, RequestError
from g4f.gateway.difference import differences
from g4f.gateway.reload import Reloaded, Reloader, ReloadResult
from g4f.gateway.seat import Seat
from g4f.gateway.snapshot import Plan
from g4f.gateway.trial import Trial, Verdict, objection

_log = log.get()

#: Seconds between two looks at a trial.
EVERY = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What the file as it is now would do: `problems` that refuse it, or the `changes` that it makes."""

    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()


class Rollout:
    """Reloads for whom a person waits. Clock and sleep are injected; `clock` is monotonic seconds."""

    def __init__(
        self,
        reloader: Reloader,
        seat: Seat,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._reloader = reloader
        self._seat = seat
        self._clock = clock
        self._sleep = sleep
        self._task: asyncio.Task[None] | None = None
        self.trial: Trial | None = None

    async def rehearse(self) -> Rehearsal:
        """Read and check the file, and say what it would change. Changes nothing."""
        try:
            loaded, new = await self._reloader.read()
        except ConfigError as error:
            return Rehearsal(problems=tuple(str(problem) for problem in error.problems))
        warnings = tuple(str(warning) for warning in loaded.warnings)
        return Rehearsal(warnings=warnings, changes=tuple(map(str, differences(self._reloader.serving[1], new))))

    async def reload(self, reason: str = "admin") -> Reloaded:
        """Apply the file as it is now, whole and at once."""
        await self.supersede()
        return await self._reloader.reload(reason)

    async def begin(self, share: float, seconds: float) -> Trial:
        """Serve this share (0 to 1) of the requests by the file as it is now, for so many seconds; then all of them,
        unless it does worse than what serves now. Returns at once.

        Raises ConfigError for a bad file, and RequestError where there is nothing to try.
        """
        await self.supersede()
        loaded, new = await self._reloader.read()
        if new.digest == self._reloader.serving[1].digest:
            hint = "`server.reload: manual` makes a changed file wait" if self._is_auto() else "it has not changed"
            raise RequestError(f"The file as it is now serves already; {hint}.", status=409, code="nothing_to_try")
        generation = await self._seat.stage(loaded, new)
        trial = self.trial = Trial(generation=generation, digest=new.digest, share=share, seconds=seconds)
        try:
            await self._seat.try_out(share)
        except BaseException:
            await self._seat.abort()
            raise
        _log.info("config.trial_begun", generation=generation, digest=new.digest[:12], seconds=seconds)
        self._task = asyncio.get_running_loop().create_task(self._watch(trial, loaded, new))
        return trial

    async def supersede(self) -> None:
        """End the trial that runs, if one does: something else is wanted."""
        task, self._task = self._task, None
        if task is not None and not task.done():
            task.cancel()
            await asyncio.wait([task])
            if self.trial is not None and self.trial.verdict is Verdict.GOING_ON:
                self.trial.verdict = Verdict.SUPERSEDED
                await self._seat.abort()

    async def _watch(self, trial: Trial, loaded: Loaded, new: Plan) -> None:
        try:
            await self._judge(trial)
            if trial.verdict is Verdict.ROLLED_BACK:
                await self._seat.abort()
                self._reloader.note(ReloadResult.ROLLED_BACK, trial.seconds)
                _log.error("config.rolled_back", generation=trial.generation, reason=trial.reason)
            else:
                retire = await self._seat.commit()
                trial.verdict = Verdict.APPLIED
                self._reloader.note(ReloadResult.APPLIED, trial.seconds)
                await self._reloader.took_effect(loaded, new, retire, "trial")
        except Exception as error:  # noqa: BLE001 - whatever it is, the configuration before it serves on
            trial.verdict, trial.reason = Verdict.ROLLED_BACK, f"an internal error ({type(error).__name__})"
            _log.error("config.rolled_back", generation=trial.generation, reason=trial.reason)
            with contextlib.suppress(Exception):
                await self._seat.abort()

    async def _judge(self, trial: Trial) -> None:
        """Look at a trial until it is rolled back or its time is up."""
        until = self._clock() + trial.seconds
        while (left := until - self._clock()) > 0:
            await self._sleep(min(EVERY, left))
            trial.before, trial.now = await self._seat.compared()
            reason = objection(trial.before, trial.now)
            if reason is not None:
                trial.verdict, trial.reason = Verdict.ROLLED_BACK, reason
                return

    def _is_auto(self) -> bool:
        return self._reloader.serving[1].config.server.reload == "auto"
