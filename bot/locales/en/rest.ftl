# Memory at rest: the database's key, its mirror, its repair.

component-memory = memory

## Alerts

alert-memory-damaged = The database is damaged ({ $findings } findings; the first: { $first }). I stop, move it aside, rebuild it from what can be read and from the mirror, and tell you how it went.
alert-memory-repaired = The database was damaged and is rebuilt: { $saved } memories were read from it, { $mirrored } came from the mirror. { $whole ->
    [yes] Nothing of memory is missing.
   *[no] What was said after { $since } may be missing.
} Other lists with gaps: { $gaps }. Jobs that do not go on: { $stopped }; start them again with /jobs.{ $aside ->
    [none] {""}
   *[other] {" "}The old file is kept as { $aside }.
}
alert-mirror-failed = The second copy of memory could not be written ({ $why }). Free some space on the disk, or look at MASK_MIRROR; I try again by myself.
alert-index-rebuilt = The search index did not fit its texts any more ({ $findings } findings; the first: { $first }). It is being built again; nothing you said is lost, some may be found a little later.
alert-database-rekeyed = The database has a new key, its number { $generation }: { $megabytes } MB were rewritten in { $seconds } s. The recovery code stays the same; there is nothing to do.
alert-database-unreachable = The database could not be reached for a while. { $cause ->
    [locked] Another program held it: close database browsers, and look whether a second start uses the same file.
    [port] PostgreSQL did not answer: look whether it runs, whether its port is another, and whether a firewall is in between.
    [refused] PostgreSQL let nobody in: check name, password and database in MASK_DATABASE_URL.
    [full] The disk was full: free some space.
    [damaged] The file is damaged: stop me and run python3 -m ops restore --repair.
    [key] The key did not open it: check MASK_KEY.
   *[other] The cause is not known: run python3 -m ops doctor on the computer.
}

## Errors

err-database-unreachable = The database cannot be reached. { $cause ->
    [locked] Another program holds it: close database browsers, then try again.
    [port] PostgreSQL does not answer: check that it runs, its port, and the firewall.
    [refused] PostgreSQL lets nobody in: check name, password and database in MASK_DATABASE_URL.
    [full] The disk is full: free some space.
    [damaged] The file is damaged: run python3 -m ops restore --repair while nothing runs.
    [key] The key does not open it: check MASK_KEY.
   *[other] Run python3 -m ops doctor on the computer.
}
err-database-busy = Somebody is still reading old pages of the database, so it could not be finished. I try again by myself; if it lasts, start me anew.
err-database-key = No key of this home opens the database. Put the right key into MASK_KEY; the recovery code will do.
err-rekey-postgres = The database is PostgreSQL, which has no key of ours. Encrypt its disk instead.
err-rekey-failed = The database took no new key ({ $why }); the old one still opens it. Free some space on the disk, as much as the database is large, then try again.
err-mirror-failed = The second copy of memory could not be written ({ $why }). Free some space on the disk, or look at MASK_MIRROR, then try again.
err-mirror-missing = There is no mirror of memory. Put memory_backup.json where MASK_MIRROR says, then try again.
err-mirror-damaged = The mirror cannot be read to its end with this key. Check MASK_KEY, or put another copy of memory_backup.json there; python3 -m ops restore --repair takes what is readable.
err-repair-needless = The database is whole, so there is nothing to repair. For memory as the mirror has it: python3 -m ops restore --from-mirror.
err-repair-key = The database was made with a key that this home does not have, so I left it alone. Put the right key into MASK_KEY; the recovery code will do.
err-repair-nothing = Neither the database nor a mirror can be read, so I left everything alone. Put a mirror or a backup there, then try again.
err-repair-failed = The rebuilt database is not whole ({ $why }), so I left the old one in its place. Check the disk, then try again.
err-journal-damaged = What this job had done already was lost with a damaged page, so it does not go on. Look at what has happened, then start it again with /jobs.
