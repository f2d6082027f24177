# Summaries of what is old, and the archives of what they were made of.

summaries-nothing-old = Nothing is old enough to be summarised: only what is older than { $months } months is.

err-summary-refused = The summary of { $originals } old items was not kept: { $missing } facts are missing in it, { $invented } stand in none of them ({ $facts }). The items stay as they are. Look at it with /memory, or correct it yourself.
err-summary-missing = This summary is not there any more. Open the list again with /memory.
err-summary-twice = Some of these items have a summary already. Nothing was changed; open the list again with /memory.
err-summary-decided = You have decided about this summary already. Open it again to see how it stands.
err-summary-empty = A summary cannot be empty. Write at least one line, or discard it.
err-summary-too-long = This summary is too long: at most { $most } characters. Shorten it, and send it again.
err-summary-undecided = Nothing is archived before you have kept or corrected the summary. Decide about it first, then it goes on by itself.
err-archive-missing = This archive is not there any more. Open the list again with /memory.
err-archive-damaged = An archive cannot be read ({ $why }); its summary and its place in the search remain. Run python3 -m ops doctor, it says how to bring it back from the mirror.

component-summarise_old = summaries of old talk
component-archive_summary = archiving
cost-kind-summarise_old = summaries of old talk
