"""The key that signs is changed by itself when it is old; grants of both are good for a day."""

import pytest

from core import config, seal
from core.approvals.keys import KEY_AGE
from core.runs.ports import NoWake
from core.wiring import house_over
from core.wiring.signing import open_signing


@pytest.fixture
def signing(database, clock, tmp_path):
    settings = config.Settings(_env_file=None).model_copy(update={"home": tmp_path})
    master = seal.Master(bytes(seal.KEY_BYTES))
    return open_signing(house_over(database, settings, master, NoWake(), clock))


def valid(signing, database):
    with database.read() as tx:
        return signing.keeper._keys.valid(tx)


def test_a_young_key_goes_on(signing, database, clock):
    before = valid(signing, database)
    clock.advance(KEY_AGE.total_seconds() - 1)
    signing.renew_key()
    assert valid(signing, database) == before


def test_an_old_key_is_followed_and_both_count_for_a_day(signing, database, clock):
    (old,) = valid(signing, database)
    clock.advance(KEY_AGE.total_seconds())
    signing.renew_key()
    assert old in valid(signing, database)
    assert len(valid(signing, database)) == 2
    clock.advance(24 * 3600)
    assert old not in valid(signing, database)
    assert signing.mint._signer.public in valid(signing, database)
