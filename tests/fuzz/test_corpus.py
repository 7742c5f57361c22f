"""Every input of the corpus, every seed and some mutations of each are read without a finding."""

import random

import pytest

from tests.fuzz.corpus import CORPUS, corpus_of
from tests.fuzz.mutate import mutated
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_and_its_neighbourhood_are_read_without_a_finding(name: str) -> None:
    target, rng = TARGETS[name], random.Random(name)
    kept = corpus_of(name)
    for content in (*target.seeds, *kept):
        target.run(content)
    pool = [*target.seeds, *kept]
    for _ in range(60):
        target.run(mutated(rng.choice(pool), pool, rng))


def test_every_kept_input_belongs_to_a_target() -> None:
    assert {path.name for path in CORPUS.iterdir() if path.is_dir()} <= set(TARGETS)
