"""The Lua scripts of `redis_windows`; Redis runs each as one atomic step.

Times are milliseconds since 1970, given by the caller: scripts read no clock. Every script begins
with `COMMON`. Slots are written by `%.0f`, because a float's own spelling differs between Luas.
"""

from __future__ import annotations

from core.llm.marks import LIMIT_KEPT_S, Dimension

_NAMES = ", ".join(f"'{each.value}'" for each in Dimension)
_WIDTHS = ", ".join(str(each.slot_s * 1000) for each in Dimension)
_SLOTS = ", ".join(str(each.slots) for each in Dimension)

COMMON = f"""
local NAMES, WIDTHS, SLOTS = {{{_NAMES}}}, {{{_WIDTHS}}}, {{{_SLOTS}}}
local LIMIT_KEPT = {LIMIT_KEPT_S * 1000}
local function number(key, field) return tonumber(redis.call('HGET', key, field) or '') end
local function field(name, slot) return name .. ':' .. string.format('%.0f', slot) end
local function text(value) return string.format('%.0f', value) end
local function put(key, name, value) redis.call('HSET', key, name, text(value)) end

local function mark_of(key, name)
  local got = redis.call('HMGET', key, name .. 'M', name .. 'L', name .. 'R', name .. 'S',
                         name .. 'P')
  if not got[4] then return nil end
  return {{most = tonumber(got[1]), left = tonumber(got[2]), reset = tonumber(got[3]),
          seen = tonumber(got[4]), spent = tonumber(got[5] or '0')}}
end

-- Forget slots that count no more; the sum of those that do.
local function used(key, d, now, mark)
  local name = NAMES[d]
  local cut = math.floor(now / WIDTHS[d]) - SLOTS[d]
  if mark and mark.left >= 0 and now >= mark.reset then
    cut = math.max(cut, math.floor(mark.reset / WIDTHS[d]))
  end
  local oldest = number(key, name .. 'o')
  local total = number(key, name .. 'n') or 0
  if not oldest or oldest >= cut then return total end
  for slot = oldest, math.min(cut - 1, number(key, name .. 'w') or oldest) do
    local amount = number(key, field(name, slot))
    if amount then
      total = total - amount
      redis.call('HDEL', key, field(name, slot))
    end
  end
  put(key, name .. 'o', cut)
  put(key, name .. 'n', total)
  return total
end

-- What is left (nil: no limit) and the limit (nil: not known).
local function left_of(key, d, now, limit, mark, total)
  local most = nil
  if mark and mark.most > 0 and now - math.max(mark.reset, mark.seen) < LIMIT_KEPT then
    most = mark.most
  elseif limit > 0 then
    most = limit
  end
  if mark and mark.left >= 0 and now < mark.reset then
    return math.max(0, mark.left - mark.spent), most
  end
  if not most then return nil, nil end
  return math.max(0, most - total), most
end

local function amount_of(d, requests, tokens)
  if NAMES[d] == 'rpm' or NAMES[d] == 'rpd' then return requests end
  return tokens
end

local function add(key, d, began, amount)
  if amount == 0 then return end
  local name = NAMES[d]
  local slot = math.floor(began / WIDTHS[d])
  local oldest, newest = number(key, name .. 'o'), number(key, name .. 'w')
  if oldest and slot < oldest then return end
  if not oldest then put(key, name .. 'o', slot) end
  if not newest or slot > newest then put(key, name .. 'w', slot) end
  local before = number(key, field(name, slot)) or 0
  local after = math.max(0, before + amount)
  put(key, field(name, slot), after)
  put(key, name .. 'n', (number(key, name .. 'n') or 0) + after - before)
end

local function spend(key, d, began, amount)
  local seen = number(key, NAMES[d] .. 'S')
  if seen and began > seen then
    put(key, NAMES[d] .. 'P', math.max(0, (number(key, NAMES[d] .. 'P') or 0) + amount))
  end
end
"""

#: now, tokens, spare per cent, four limits a key.
TAKE = (
    COMMON
    + """
local now, tokens, spare = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local cold = {'cold'}
for at, key in ipairs(KEYS) do
  if redis.call('HEXISTS', key, 'warm') == 0 then table.insert(cold, at) end
end
if #cold > 1 then return cold end

local function wait(key, d, total, left, most, amount, mark)
  if most and amount > most then return -1 end
  if mark and mark.left >= 0 and now < mark.reset then return mark.reset - now end
  local needed, gone = math.max(1, amount - left), 0
  local name = NAMES[d]
  local first, last = number(key, name .. 'o'), number(key, name .. 'w')
  if not first or not last then return SLOTS[d] * WIDTHS[d] end
  for slot = first, last do
    gone = gone + (number(key, field(name, slot)) or 0)
    if gone >= needed then return math.max(0, (slot + SLOTS[d] + 1) * WIDTHS[d] - now) end
  end
  return SLOTS[d] * WIDTHS[d]
end

for at, key in ipairs(KEYS) do
  for d = 1, #NAMES do
    local mark = mark_of(key, NAMES[d])
    local total = used(key, d, now, mark)
    local limit = tonumber(ARGV[3 + (at - 1) * #NAMES + d])
    local left, most = left_of(key, d, now, limit, mark, total)
    local amount = amount_of(d, 1, tokens)
    if left then
      local scarce = spare > 0 and most and left * 100 <= most * spare
      if amount > left or scarce then
        return {'full', at, NAMES[d], wait(key, d, total, left, most, amount, mark)}
      end
    end
  end
end
for _, key in ipairs(KEYS) do
  for d = 1, #NAMES do
    add(key, d, now, amount_of(d, 1, tokens))
    spend(key, d, now, amount_of(d, 1, tokens))
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
  if redis.call('HEXISTS', key, 'warm') == 1 then
    for d = 1, #NAMES do
      add(key, d, began, amount_of(d, requests, tokens))
      spend(key, d, began, amount_of(d, requests, tokens))
    end
  end
end
return 1
"""
)

#: now, seconds to keep, then name, limit, left, reset, seen of each mark.
MARK = (
    COMMON
    + """
local key = KEYS[1]
for at = 3, #ARGV, 5 do
  local name = ARGV[at]
  local seen = number(key, name .. 'S')
  if not seen or seen <= tonumber(ARGV[at + 4]) then
    redis.call('HSET', key, name .. 'L', ARGV[at + 2], name .. 'R', ARGV[at + 3],
               name .. 'S', ARGV[at + 4], name .. 'P', 0)
    if tonumber(ARGV[at + 1]) > 0 or not number(key, name .. 'M') then
      redis.call('HSET', key, name .. 'M', ARGV[at + 1])
    end
  end
end
redis.call('EXPIRE', key, tonumber(ARGV[2]))
return 1
"""
)

#: now, four limits a key. Old slots are left out of days of which less than half is used.
LOOK = (
    COMMON
    + """
local now = tonumber(ARGV[1])
local answer = {}
for at, key in ipairs(KEYS) do
  local found = {}
  if redis.call('HEXISTS', key, 'warm') == 1 then
    for d = 1, #NAMES do
      local name = NAMES[d]
      local mark = mark_of(key, name)
      local total = used(key, d, now, mark)
      local limit = tonumber(ARGV[1 + (at - 1) * #NAMES + d])
      local left, most = left_of(key, d, now, limit, mark, total)
      local m = mark or {most = -1, left = -1, reset = 0, seen = 0, spent = 0}
      local values = {text(total), text(m.most), text(m.left), text(m.reset), text(m.seen),
                      text(m.spent)}
      local first, last = number(key, name .. 'o'), number(key, name .. 'w')
      if first and last and (left or mark) then
        if SLOTS[d] > 60 and not (left and most and left * 2 < most) then
          first = math.max(first, math.floor(now / WIDTHS[d]) - 1)
        end
        for slot = first, last do
          local amount = redis.call('HGET', key, field(name, slot))
          if amount then
            table.insert(values, text(slot))
            table.insert(values, amount)
          end
        end
      end
      found[d] = values
    end
  end
  answer[at] = found
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
  local name, many = ARGV[at], tonumber(ARGV[at + 1])
  at = at + 2
  if many > 0 then
    local seen, given = number(key, name .. 'S'), tonumber(ARGV[at + 3])
    if not seen or seen < given then
      redis.call('HSET', key, name .. 'M', ARGV[at], name .. 'L', ARGV[at + 1],
                 name .. 'R', ARGV[at + 2], name .. 'S', ARGV[at + 3], name .. 'P', ARGV[at + 4])
    elseif seen == given then
      put(key, name .. 'P', math.max(number(key, name .. 'P') or 0, tonumber(ARGV[at + 4])))
    end
  end
  at = at + many
  local pairs_end = at + 1 + tonumber(ARGV[at])
  at = at + 1
  while at < pairs_end do
    local slot, amount = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
    local before = number(key, field(name, slot)) or 0
    if amount > before then
      local oldest, newest = number(key, name .. 'o'), number(key, name .. 'w')
      if not oldest or slot < oldest then put(key, name .. 'o', slot) end
      if not newest or slot > newest then put(key, name .. 'w', slot) end
      put(key, field(name, slot), amount)
      put(key, name .. 'n', (number(key, name .. 'n') or 0) + amount - before)
    end
    at = at + 2
  end
end
redis.call('HSET', key, 'warm', 1)
redis.call('EXPIRE', key, tonumber(ARGV[2]))
return 1
"""
)
