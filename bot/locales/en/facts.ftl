# Facts found in what was said: what goes wrong when the owner decides about them.
err-proposal-missing = This question about a fact is gone: what it was about has been forgotten. /memory shows what is remembered.
err-proposal-closed = This question has been answered, or nobody answered it for 30 days. /memory shows what is remembered; /remember stores it anew.
err-proposal-verb = This answer does not belong to this question. Open it again from /memory and tap one of its buttons.
