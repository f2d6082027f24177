"""A thread that is taken up again after its old messages were archived loses nothing of them."""

from core.conversation import summary
from core.conversation.model import Summarise
from core.conversation.ports import ConversationRoom
from core.memory.context_gathering import Contexts
from core.memory.summary_model import SummaryState
from core.runs.model import Label
from core.runs.ports import StepContext
from tests.integration.summaries_world import World, local


def test_a_threads_own_summary_reads_what_is_archived(sqlite_database, clock):
    world = World(sqlite_database, clock, local=local())
    thread = world.thread()
    said = world.say(thread, "the garage is at 5 Hill Street")
    world.wait(181)
    world.summarise()
    world.decide(world.all_summaries()[0].id, SummaryState.KEPT)
    assert world.message_rows()[0].text == ""
    said += world.say(thread, "and now?")
    room = ConversationRoom(
        db=world.db,
        threads=world.threads,
        clock=clock,
        runs=world.runs,
        window=lambda _label: 4000,
        contexts=Contexts(loads=world.loads),
    )
    ctx = StepContext(run=None, position="0", cancel=None, deadline=0, label=Label.OPEN)
    gathered = summary.gather.handler(room, ctx, Summarise(thread, said[-1].seq, "en"))
    material = gathered.request.messages[1].content
    assert "owner: the garage is at 5 Hill Street\nowner: and now?" in material
    world.close()
