"""What `Windows` has the broker's server do: scripts that change packed numbers in place."""

# A name's value: how many entries of minutes and of hours there are, then the entries of minutes, of hours and of days, each in
# rising order: its minute, hour or day and a number. So one that happened once takes 25 bytes, and the busiest one 1.8 KB.
# Beside the names (16 bytes) a hash has `since`, see `Coverage`, and of each process (8 bytes) the turn that it has counted last.
# KEYS[2] has the busiest names of the last hour, by how often it happened then: as it was when they were counted or read last.
# ARGV[1] is the second of whoever calls: tests hold that clock. One that is ahead of the server's would drop what others count.
_BEGIN = """
local EPOCH, MINUTES, HOURS, DAYS, SIZE = 26297280, 60, 168, 30, 7
local key = KEYS[1]
local second = math.min(tonumber(ARGV[1]), tonumber(redis.call('TIME')[1]))
local now = math.floor(second / 60) - EPOCH
local hour, day = math.floor(now / 60), math.floor(now / 1440)

local function opened(kept)
    if not kept then
        return '', '', ''
    end
    local minutes, hours = struct.unpack('>I2I2', kept)
    local first, second = 4 + minutes * SIZE, 4 + (minutes + hours) * SIZE
    return kept:sub(5, first), kept:sub(first + 1, second), kept:sub(second + 1)
end

local function closed(minutes, hours, days)
    return struct.pack('>I2I2', #minutes / SIZE, #hours / SIZE) .. minutes .. hours .. days
end

local function trimmed(entries, oldest)
    local from = 1
    while from < #entries and struct.unpack('>I3', entries, from) < oldest do
        from = from + SIZE
    end
    return from == 1 and entries or entries:sub(from)
end

-- Mostly it is the last entry, or a new one behind it.
local function put(entries, bucket, number)
    local at = #entries - SIZE + 1
    while at >= 1 do
        local found, before = struct.unpack('>I3I4', entries, at)
        if found == bucket then
            number = math.min(before + number, 4294967295)
            return entries:sub(1, at - 1) .. struct.pack('>I3I4', bucket, number) .. entries:sub(at + SIZE)
        elseif found < bucket then
            break
        end
        at = at - SIZE
    end
    return entries:sub(1, at + SIZE - 1) .. struct.pack('>I3I4', bucket, number) .. entries:sub(at + SIZE)
end

local function sum_of(entries)
    local sum, numbers = 0, {struct.unpack('>' .. ('xxxI4'):rep(#entries / SIZE), entries)}
    for n = 1, #entries / SIZE do
        sum = sum + numbers[n]
    end
    return sum
end

-- It counts from the next second on.
local function begin_anew()
    redis.call('HSET', key, 'since', struct.pack('>I4I4I3', second + 1, second + 1, 0))
end

if redis.call('HEXISTS', key, 'since') == 0 then
    begin_anew()
end
"""

ADD = (
    _BEGIN
    + """
-- Who would not be among the busiest is not tried.
-- ARGV: the most names, the most busy ones, the process, its turn, whether it has lost some, and names with minutes and numbers.
local most, busy, node, turn, packed = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5]), ARGV[7]
local last = redis.call('HGET', key, node)
if last and struct.unpack('>I4', last) >= turn then
    return 0
end
redis.call('HSET', key, node, struct.pack('>I4I3', turn, now))
local missing, scored, least = ARGV[6] == '1', {}, 0
if redis.call('ZCARD', KEYS[2]) >= busy then
    least = tonumber(redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2])
end
for at = 1, #packed, 23 do
    local name = packed:sub(at, at + 15)
    local minute, number = struct.unpack('>I3I4', packed, at + 16)
    minute = math.min(minute, now)
    local kept = redis.call('HGET', key, name)
    if not kept and redis.call('HLEN', key) >= most then
        missing = true
    else
        local minutes, hours, days = opened(kept)
        minutes, hours, days = trimmed(minutes, now - MINUTES), trimmed(hours, hour - HOURS), trimmed(days, day - DAYS)
        if minute >= now - MINUTES then
            minutes = put(minutes, minute, number)
        end
        if math.floor(minute / 60) >= hour - HOURS then
            hours = put(hours, math.floor(minute / 60), number)
        end
        if math.floor(minute / 1440) >= day - DAYS then
            days = put(days, math.floor(minute / 1440), number)
        end
        if #days > 0 then
            redis.call('HSET', key, name, closed(minutes, hours, days))
        end
        local sum = #minutes > 0 and sum_of(minutes) or 0
        if sum > least then
            scored[#scored + 1] = sum
            scored[#scored + 1] = name
        end
    end
end
if #scored > 0 then
    redis.call('ZADD', KEYS[2], unpack(scored))
    redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -busy - 1)
end
if missing then
    begin_anew()
end
return 1
"""
)

BUSIEST = (
    _BEGIN
    + """
-- The busy names that still are, each with all that is kept of it. Those of which nothing happened for an hour make room.
local found = {redis.call('HGET', key, 'since')}
for _, name in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
    local kept = redis.call('HGET', key, name)
    local minutes = opened(kept)
    minutes = trimmed(minutes, now - MINUTES)
    if #minutes == 0 then
        redis.call('ZREM', KEYS[2], name)
    else
        redis.call('ZADD', KEYS[2], sum_of(minutes), name)
        found[#found + 1] = name
        found[#found + 1] = kept
    end
end
return found
"""
)

LOOK = _BEGIN + "return redis.call('HGET', key, 'since')"

RAISE = (
    _BEGIN
    + """
-- ARGV: the most names, whether the partition has lost its days, and names with how many days are known, these and their numbers.
local most, anew, packed = tonumber(ARGV[2]), ARGV[3] == '1', ARGV[4]
local at = 1
while at <= #packed do
    local name = packed:sub(at, at + 15)
    local known = packed:byte(at + 16)
    at = at + 17
    local kept = redis.call('HGET', key, name)
    local minutes, hours, days = opened(kept)
    hours, days = trimmed(hours, hour - HOURS), trimmed(days, day - DAYS)
    local by_hours, by_days = {}, {}
    for from = 1, #hours, SIZE do
        local found, number = struct.unpack('>I3I4', hours, from)
        local its_day = math.floor(found / 24)
        by_hours[its_day] = (by_hours[its_day] or 0) + number
    end
    for from = 1, #days, SIZE do
        local found, number = struct.unpack('>I3I4', days, from)
        by_days[found] = number
    end
    for _ = 1, known do
        local its_day, number = struct.unpack('>I3I4', packed, at)
        at = at + SIZE
        if its_day >= day - DAYS and its_day <= day and number > (by_days[its_day] or 0) then
            days = put(days, its_day, number - (by_days[its_day] or 0))
        end
        local last = math.min(its_day * 24 + 23, hour)
        local whole = its_day * 24 >= hour - HOURS
        if its_day <= day and (whole or anew and last >= hour - HOURS) and number > (by_hours[its_day] or 0) then
            hours = put(hours, last, number - (by_hours[its_day] or 0))
        end
    end
    if #days > 0 and (kept or redis.call('HLEN', key) < most) then
        redis.call('HSET', key, name, closed(minutes, hours, days))
    end
end
return 1
"""
)

SETTLE = (
    _BEGIN
    + """
-- ARGV: since when it counts by the minute, as whoever calls believes; since when days are known; when they were raised.
local since = struct.unpack('>I4', redis.call('HGET', key, 'since'))
if since ~= tonumber(ARGV[2]) then
    return 0
end
redis.call('HSET', key, 'since', struct.pack('>I4I4I3', ARGV[2], ARGV[3], ARGV[4]))
return 1
"""
)

TRIM = (
    _BEGIN
    + """
-- ARGV: where HSCAN stands, and how many at once. Processes that have counted nothing for a day are gone.
local scanned = redis.call('HSCAN', key, ARGV[2], 'COUNT', ARGV[3])
for n = 1, #scanned[2], 2 do
    local name, kept = scanned[2][n], scanned[2][n + 1]
    if #name == 8 then
        local _, last = struct.unpack('>I4I3', kept)
        if last < now - 1440 then
            redis.call('HDEL', key, name)
        end
    elseif #name == 16 then
        local minutes, hours, days = opened(kept)
        minutes, hours, days = trimmed(minutes, now - MINUTES), trimmed(hours, hour - HOURS), trimmed(days, day - DAYS)
        if #days == 0 then
            redis.call('HDEL', key, name)
        elseif #minutes + #hours + #days + 4 < #kept then
            redis.call('HSET', key, name, closed(minutes, hours, days))
        end
    end
end
return scanned[1]
"""
)
