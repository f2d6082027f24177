err-asked-too-often = The yes for the step { $step } has grown old { $times } times before it could begin, so I gave it up. Ask for it again when its machine is there.
err-nobody-to-ask = The step { $step } needs your yes, and this part of the system cannot ask you. Start the bot and ask again.
err-step-answer-unfit = { $place } answered the step { $step } otherwise than it was asked, so nothing was taken from it. Install the same version on both machines.
err-nothing-is-open = The run { $run } waits, and none of its steps is open. Start it again with /jobs.
