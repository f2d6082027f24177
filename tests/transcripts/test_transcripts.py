"""Golden transcripts: whole conversations through bot, engine and scripted model."""

import asyncio
from pathlib import Path

import pytest
import yaml

from tests.transcripts.replayer import Replayer

FILES = sorted(Path(__file__).parent.glob("*.yaml"))


def test_there_are_transcripts_in_all_three_languages():
    texts = [path.read_text(encoding="utf-8") for path in FILES]
    codes = {yaml.safe_load(text).get("language_code", "en") for text in texts}
    assert codes == {"bn", "ar", "en"}


@pytest.mark.loopback  # only because an event loop opens a socket pair of its own
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_conversation_goes_as_written(path, sqlite_database, tmp_path):
    transcript = yaml.safe_load(path.read_text(encoding="utf-8"))
    asyncio.run(Replayer(transcript, sqlite_database, tmp_path).run())
