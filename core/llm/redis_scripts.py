"""The Lua scripts of `redis_windows`; Redis runs each as one atomic step.

Times are milliseconds since 1970, given by the caller: scripts read no clock. Every script begins
with `COMMON`, which reads a bucket's state in one command. Slots are written by `%.0f`, because a
float's own spelling differs between Luas.
"""

from __future__ import annotations

from core.llm.marks import LIMIT_KEPT_S, Dimension

_NAMES = ", ".join(f"'{each.value}'" for each in Dimension)
_WIDTHS = ", ".join(str(each.slot_s * 1000) for each in Dimension)
_SLOTS = ", ".join(str(each.slots) for each in Dimension)
#: Limit, left, reset, seen, spent of the mark; oldest and newest slot; sum.
_KINDS = "MLRSPown"
_FIELDS = ", ".join(f"'{each.value}{kind}'" for each in Dimension for kind in _KINDS)

COMMON = f"""
local NAMES, WIDTHS, SLOTS = {{{_NAMES}}}, {{{_WIDTHS}}}, {{{_SLOTS}}}
local LIMIT_KEPT = {LIMIT_KEPT_S * 1000}
local unpack = unpack or table.unpack
local function text(value) return string.format('%.0f', value) end
local function field(d, slot) return NAMES[d] .. ':' .. text(slot) end
local function put(key, d, kind, value) redis.call('HSET', key, NAMES[d] .. kind, text(value)) end
local function at_slot(key, d, slot)
  return tonumber(redis.call('HGET', key, field(d, slot)) or 0)
end

-- A bucket's state; nil when it was not filled.
local function state_of(key)
  local got = redis.call('HMGET', key, 'warm', {_FIELDS})
  local state = {{warm = got[1]}}
  for d = 1, #NAMES do
    local at = (d - 1) * {len(_KINDS)} + 1
    local function number(k) return got[at + k] and tonumber(got[at + k]) end
    local s = {{oldest = number(6), newest = number(7), total = number(8) or 0}}
    if got[at + 4] then
      s.mark = {{most = number(1), left = number(2), reset = number(3), seen = number(4),
                spent = number(5) or 0}}
    end
    state[d] = s
  end
  return state
end

local function holds(mark, now) return mark and mark.left >= 0 and now < mark.reset end

-- Forget slots that count no more.
local function roll(key, d, now, s)
  local cut = math.floor(now / WIDTHS[d]) - SLOTS[d]
  if s.mark and s.mark.left >= 0 and now >= s.mark.reset then
    cut = math.max(cut, math.floor(s.mark.reset / WIDTHS[d]))
  end
  if not s.oldest or s.oldest >= cut then return end
  for slot = s.oldest, math.min(cut - 1, s.newest or s.oldest) do
    local amount = at_slot(key, d, slot)
    if amount > 0 then
      s.total = s.total - amount
      redis.call('HDEL', key, field(d, slot))
    end
  end
  s.oldest = cut
  put(key, d, 'o', cut)
  put(key, d, 'n', s.total)
end

-- What is left (nil: no limit) and the limit (nil: not known).
local function left_of(d, now, limit, s)
  local mark, most = s.mark, nil
  if mark and mark.most > 0 and now - math.max(mark.reset, mark.seen) < LIMIT_KEPT then
    most = mark.most
  elseif limit > 0 then
    most = limit
  end
  if holds(mark, now) then return math.max(0, mark.left - mark.spent), most end
  if not most then return nil, nil end
  return math.max(0, most - s.total), most
end

local function amount_of(d, requests, tokens)
  if NAMES[d] == 'rpm' or NAMES[d] == 'rpd' then return requests end
  return tokens
end

local function stretch(key, d, slot, s)
  if not s.oldest or slot < s.oldest then put(key, d, 'o', slot) end
  if not s.newest or slot > s.newest then put(key, d, 'w', slot) end
end

-- Count an amount at a moment; less than nothing is never left.
local function add(key, d, began, amount, s)
  if amount == 0 then return end
  local slot = math.floor(began / WIDTHS[d])
  if not s.oldest or slot >= s.oldest then
    stretch(key, d, slot, s)
    if amount < 0 then amount = math.max(amount, -at_slot(key, d, slot)) end
    redis.call('HINCRBY', key, field(d, slot), text(amount))
    redis.call('HINCRBY', key, NAMES[d] .. 'n', text(amount))
  end
end

local function spend(key, d, began, amount, s)
  if amount ~= 0 and s.mark and began > s.mark.seen then
    put(key, d, 'P', math.max(0, s.mark.spent + amount))
  end
end
"""

#: now, tokens, spare per cent, four limits a key.
TAKE = (
    COMMON
    + """
local now, tokens, spare = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local states, cold = {}, {'cold'}
for at, key in ipairs(KEYS) do
  states[at] = state_of(key)
  if not states[at].warm then table.insert(cold, at) end
end
if #cold > 1 then return cold end

local function wait(key, d, left, most, amount, s)
  if most and amount > most then return -1 end
  if holds(s.mark, now) then return s.mark.reset - now end
  local needed, gone = math.max(1, amount - left), 0
  if s.oldest and s.newest then
    for slot = s.oldest, s.newest do
      gone = gone + at_slot(key, d, slot)
      if gone >= needed then return math.max(0, (slot + SLOTS[d] + 1) * WIDTHS[d] - now) end
    end
  end
  return SLOTS[d] * WIDTHS[d]
end

for at, key in ipairs(KEYS) do
  for d = 1, #NAMES do
    local s = states[at][d]
    roll(key, d, now, s)
    local left, most = left_of(d, now, tonumber(ARGV[3 + (at - 1) * #NAMES + d]), s)
    local amount = amount_of(d, 1, tokens)
    if left then
      local scarce = spare > 0 and most and left * 100 <= most * spare
      if amount > left or scarce then
        return {'full', at, NAMES[d], wait(key, d, left, most, amount, s)}
      end
    end
  end
end
for at, key in ipairs(KEYS) do
  for d = 1, #NAMES do
    add(key, d, now, amount_of(d, 1, tokens), states[at][d])
    spend(key, d, now, amount_of(d, 1, tokens), states[at][d])
  end
end
return {'taken'}
"""
)

#: began, requests, tokens: what to add to what was taken then.
GIVE = (
    COMMON
    + """
local began, requests, tokens = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
for _, key in ipairs(KEYS) do
  local state = state_of(key)
  for d = 1, #NAMES do
    if state.warm then
      add(key, d, began, amount_of(d, requests, tokens), state[d])
      spend(key, d, began, amount_of(d, requests, tokens), state[d])
    end
  end
end
return 1
"""
)

#: now, seconds to keep, then name, limit, left, reset, seen of each mark.
MARK = """
local key = KEYS[1]
for at = 3, #ARGV, 5 do
  local name = ARGV[at]
  local known = redis.call('HMGET', key, name .. 'S', name .. 'M')
  if not known[1] or tonumber(known[1]) <= tonumber(ARGV[at + 4]) then
    redis.call('HSET', key, name .. 'L', ARGV[at + 2], name .. 'R', ARGV[at + 3],
               name .. 'S', ARGV[at + 4], name .. 'P', 0)
    if tonumber(ARGV[at + 1]) > 0 or not known[2] then
      redis.call('HSET', key, name .. 'M', ARGV[at + 1])
    end
  end
end
redis.call('EXPIRE', key, tonumber(ARGV[2]))
return 1
"""

#: now, four limits a key; one text a key, because parsing many small values costs more than all
#: the rest. Old slots are left out of days of which less than half is used.
LOOK = (
    COMMON
    + """
local now = tonumber(ARGV[1])
local answer = {}
for at, key in ipairs(KEYS) do
  local found, state = {}, state_of(key)
  for d = 1, #NAMES do
    if not state.warm then break end
    local s = state[d]
    roll(key, d, now, s)
    local left, most = left_of(d, now, tonumber(ARGV[1 + (at - 1) * #NAMES + d]), s)
    local m = s.mark or {most = -1, left = -1, reset = 0, seen = 0, spent = 0}
    local values = {}
    if left or s.mark then
      values = {text(s.total), text(m.most), text(m.left), text(m.reset), text(m.seen),
                text(m.spent)}
      if s.oldest and s.newest and s.total > 0 then
        local first = s.oldest
        if SLOTS[d] > 60 and not (left and most and left * 2 < most) then
          first = math.max(first, math.floor(now / WIDTHS[d]) - 1)
        end
        local names = {}
        for slot = first, s.newest do table.insert(names, field(d, slot)) end
        if #names > 0 then
          for i, amount in ipairs(redis.call('HMGET', key, unpack(names))) do
            if amount then
              table.insert(values, text(first + i - 1))
              table.insert(values, amount)
            end
          end
        end
      end
    end
    found[d] = table.concat(values, ' ')
  end
  answer[at] = table.concat(found, ';')
end
return answer
"""
)

#: now, seconds to keep, then per dimension: name, number of values of its mark (0, or 5: limit,
#: left, reset, seen, spent), the values, number of slots' values, slot and amount in turns.
FILL = (
    COMMON
    + """
local key, at = KEYS[1], 3
for d = 1, #NAMES do
  local name, many, s = ARGV[at], tonumber(ARGV[at + 1]), state_of(key)[d]
  at = at + 2
  if many > 0 then
    local given = tonumber(ARGV[at + 3])
    if not s.mark or s.mark.seen < given then
      redis.call('HSET', key, name .. 'M', ARGV[at], name .. 'L', ARGV[at + 1],
                 name .. 'R', ARGV[at + 2], name .. 'S', ARGV[at + 3], name .. 'P', ARGV[at + 4])
    elseif s.mark.seen == given then
      put(key, d, 'P', math.max(s.mark.spent, tonumber(ARGV[at + 4])))
    end
  end
  at = at + many
  local pairs_end = at + 1 + tonumber(ARGV[at])
  at = at + 1
  while at < pairs_end do
    local slot, amount = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
    local before = at_slot(key, d, slot)
    if amount > before then
      stretch(key, d, slot, state_of(key)[d])
      put(key, d, ':' .. text(slot), amount)
      redis.call('HINCRBY', key, name .. 'n', text(amount - before))
    end
    at = at + 2
  end
end
redis.call('HSET', key, 'warm', 1)
redis.call('EXPIRE', key, tonumber(ARGV[2]))
return 1
"""
)
