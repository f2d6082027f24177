# What is remembered: keeping, changing, forgetting, carrying.

err-record-missing = This memory is not there any more. Open /memory again to see what there is.
err-record-empty = There is nothing to remember in that. Write at least one word.
err-record-too-long = That is too long for one memory: { $most } characters at most. Split it, or keep it as a message.
err-record-category = Nothing can be filed under { $category }: it only shows what is kept elsewhere. Choose another category.
err-record-fields = A part of me wanted to change something that a memory does not have, so nothing was changed. Run python3 -m ops doctor on the computer.
err-fact-untrusted = These words are not yours, so they do not become a fact about you by themselves. Confirm them with a button.
err-memory-change-missing = This change is not there any more, so it cannot be taken back. Open the memory's history.
err-change-superseded = Something newer has changed the same thing. Open the memory's history and take the newer change back first.
err-clock-ahead = The clock of { $node } is { $seconds } seconds ahead, so I did not take its changes. Set that machine's clock right, then try again.
err-archive-lacks = The words of an old memory are not in their archive. Run python3 -m ops doctor on the computer; the mirror has a copy.
err-forget-missing = This order to forget is not there any more. Choose again in /memory what to forget.
err-forget-nothing = There is nothing to forget there. Name what is to go with at least four letters, or choose it in /memory.
err-forget-closed = This order to forget was carried out already. Open /memory to see what is left.
err-forget-busy = Some work that holds these words is still ending. I am waiting for it and go on by myself.
err-memory-file = I cannot read this file as memories. Send an export of mine (JSON), or an old memory.json.
err-memory-too-large = All of it is too large for the chat ({ $most } bytes at most). On the computer, python3 -m ops memory export writes it to a file.
