// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import StreamBroker
import Testing

/// Every bad configuration ends with one error that says where and what, and never with a crash.
@Suite struct BadConfigurationTests {
    static let base = "version: 1\nbrokers: { events: { provider: memory } }\n"

    struct Row: Sendable, CustomTestStringConvertible {
        var yaml: String
        var problems: [String]
        var testDescription: String { yaml }

        init(_ yaml: String, _ problems: String...) {
            self.yaml = yaml
            self.problems = problems
        }

        /// The rest of a file whose brokers are fine.
        static func rest(_ yaml: String, _ problems: String...) -> Row {
            var row = Row(BadConfigurationTests.base + yaml)
            row.problems = problems
            return row
        }
    }

    static let shapes: [Row] = [
        Row("", "1:1: error: no brokers are declared: the file is empty"),
        Row("# nothing\n", "1:1: error: no brokers are declared: the file is empty"),
        Row("---\n", "2:1: error: no brokers are declared: the file is empty"),
        Row("null", "1:1: error: no brokers are declared: the file is empty"),
        Row("version: 1\nbrokers: {}\n", "2:1: error: no brokers are declared"),
        Row("version: 1\n", "1:1: error: 'brokers' is missing at the top"),
        Row("version: 1\nbrokers:\n", "2:1: error: 'brokers' is missing at the top"),
        Row("version:\nbrokers: { events: { provider: memory } }", "1:1: error: 'version' is missing at the top"),
        Row(
            "version: 1\nbrokers: { events: { provider: } }", "2:22: error: 'provider' is missing in brokers.events"),
        Row("a: 1\n---\nb: 2\n", "2:1: error: a second document begins here; the file holds one"),
        Row("- a\n", "1:1: error: the file takes a map; found a list"),
        Row("text", "1:1: error: the file takes a map; found 'text'"),
        .rest("brokers: 1", "3:1: error: duplicate key 'brokers', first in line 2; keep one of the two"),
        .rest(
            "streams: { orders: { visibility: 1s, \"visibility\": 2s } }",
            "3:38: error: duplicate key 'visibility', first in line 3; keep one of the two"),
        .rest("<<: {}", "3:1: error: merge keys ('<<') are not supported"),
        .rest("drain: !!str 5s", "3:8: error: tags (beginning with '!') are not supported"),
        .rest("drain: !include /etc/passwd", "3:8: error: tags (beginning with '!') are not supported"),
        .rest(
            "x-a: &a k\n*a : 1",
            "4:1: error: expected text, found '*', which begins an alias in YAML; put a pattern in quotes: \"*a\""),
        .rest("? [a]\n: 1", "3:3: error: expected text as a key, found a list; put a key with brackets in quotes"),
        .rest("x-a: &a [*a]", "3:10: error: the alias stands within what it stands for"),
        .rest(
            "drain: *nothing",
            "3:8: error: expected an alias of an anchor before it, found none of that name; put a pattern in quotes: \"*nothing\""
        ),
        .rest(
            "streams:\n\torders: 1",
            "4:1: error: expected spaces as indentation, found a tab; indent with spaces"),
        .rest(
            "drain: \"\\ud800\"",
            "3:11: error: expected the number of a character after the backslash, found none; write '\\\\' for a backslash"
        ),
        .rest(
            "drain: 1s\n  version: 2",
            "4:3: error: expected no space before 'version', as before 'drain' in line 3; found 2"),
    ]

    static let values: [Row] = [
        Row(
            "version: 1.10\nbrokers: { a: { provider: memory } }",
            "1:10: error: 'version' at the top takes 1; found '1.10'"),
        .rest("drain: -1s", "3:8: error: 'drain' at the top takes a duration from 0s to 1h, such as 30s; found '-1s'"),
        .rest("log-errors: all", "3:13: error: 'log-errors' at the top takes one of type, full; found 'all'"),
        .rest("defaults: { visibility: 0s }", duration("0s")),
        .rest("defaults: { visibility: 1 }", duration("1") + ", a number without a unit"),
        .rest("defaults: { visibility: 1.5h }", duration("1.5h")),
        .rest("defaults: { visibility: 5 minutes }", duration("5 minutes")),
        .rest("defaults: { visibility: 1e3ms }", duration("1e3ms")),
        .rest("defaults: { visibility: 1:30 }", duration("1:30")),
        .rest("defaults: { visibility: 9223372036854775807s }", duration("9223372036854775807s")),
        .rest("defaults: { visibility: 99999999999999999999s }", duration("99999999999999999999s")),
        .rest("defaults: { visibility: .inf }", duration(".inf")),
        .rest("defaults: { visibility: .nan }", duration(".nan")),
        .rest("defaults: { visibility: ∞ }", duration("∞")),
        .rest("defaults: { visibility: １ｓ }", duration("１ｓ")),
        .rest("defaults: { visibility: on }", duration("on")),
        .rest("defaults: { visibility: 2026-01-01 }", duration("2026-01-01")),
        .rest("defaults: { visibility: [1] }", duration("a list", quoted: false)),
        .rest("defaults: { visibility: {} }", duration("a map", quoted: false)),
        .rest("defaults: { concurrency: 0 }", concurrency("'0'")),
        .rest("defaults: { concurrency: -1 }", concurrency("'-1'")),
        .rest("defaults: { concurrency: 1e9 }", concurrency("'1e9'")),
        .rest("defaults: { concurrency: 2147483648 }", concurrency("'2147483648'")),
        .rest("defaults: { concurrency: 99999999999999999999 }", concurrency("'99999999999999999999'")),
        .rest("defaults: { concurrency: 3.7 }", concurrency("'3.7'")),
        .rest("defaults: { concurrency: 1_000 }", concurrency("'1_000'")),
        .rest("defaults: { concurrency: 0123 }", concurrency("'0123'")),
        .rest("defaults: { concurrency: \"16\" }", concurrency("the text '16'; write it without quotes")),
        .rest(
            "defaults: { retry: { attempts: 0 } }",
            "3:32: error: 'attempts' in defaults.retry takes a whole number from 1 to 1000; found '0'"),
        .rest(
            "defaults: { retry: { jitter: 1.5 } }",
            "3:30: error: 'jitter' in defaults.retry takes a number from 0 to 1; found '1.5'"),
        .rest(
            "defaults: { retry: { jitter: nan } }",
            "3:30: error: 'jitter' in defaults.retry takes a number from 0 to 1; found 'nan'"),
        .rest(
            "defaults: { dead-letter: { enabled: no } }",
            "3:37: error: 'enabled' in defaults.dead-letter takes true or false; found 'no'"),
        .rest(
            "defaults: { ordering: keys }",
            "3:23: error: 'ordering' in defaults takes one of none, key, stream; found 'keys'; did you mean 'key'?"),
        .rest(
            "defaults: { start: yesterday }",
            "3:20: error: 'start' in defaults takes earliest, latest, an id such as 1700000000000-0,"
                + " or a time such as 2026-01-31T12:00:00Z; found 'yesterday'"),
        .rest(
            "streams: { orders: { max-payload: 1MB } }",
            "3:35: error: 'max-payload' in streams.orders takes a size from 1B to 512MiB, such as 64KiB; found '1MB'"),
        .rest("streams: [orders]", "3:10: error: 'streams' at the top takes a map; found a list"),
        .rest("streams: { orders: 5 }", "3:20: error: 'streams.orders' takes a map; found '5'"),
    ]

    static func duration(_ found: String, quoted: Bool = true) -> String {
        "3:25: error: 'visibility' in defaults takes a duration from 100ms to 24h, such as 30s; found "
            + (quoted ? "'\(found)'" : found)
    }

    static func concurrency(_ found: String) -> String {
        "3:26: error: 'concurrency' in defaults takes a whole number from 1 to 10000; found \(found)"
    }

    static let bodies: [Row] = [
        .rest(
            "streams: { orders: { body: payload } }",
            "3:28: error: 'body' in streams.orders takes fields, raw, or a map with the name of a field, such as "
                + "{ field: payload }; found 'payload'"),
        .rest(
            "streams: { orders: { body: feilds } }",
            "3:28: error: 'body' in streams.orders takes fields, raw, or a map with the name of a field, such as "
                + "{ field: payload }; found 'feilds'; did you mean 'fields'?"),
        .rest("streams: { orders: { body: {} } }", "3:22: error: 'field' is missing in streams.orders.body"),
        .rest(
            "streams: { orders: { body: { feild: x } } }",
            "3:30: error: unknown key 'feild' in streams.orders.body; did you mean 'field'?"),
        .rest(
            "streams: { orders: { body: { field: '' } } }",
            "3:37: error: 'streams.orders.body.field' is empty; write the name of the field that is the body"),
        .rest(
            "streams: { orders: { body: { field: sb-key } } }",
            "3:37: error: 'streams.orders.body.field' is 'sb-key'; fields that begin with 'sb-' are StreamBroker's own"),
    ]

    static let names: [Row] = [
        .rest("streams: { \"\": {} }", "3:12: error: the stream name '' is empty"),
        .rest(
            "streams: { ../x: {} }",
            "3:12: error: the stream name '../x' has '/'; streams are named with letters, digits, '.', '_', '-', ':'"),
        .rest(
            "streams: { a b: {} }",
            "3:12: error: the stream name 'a b' has a space; streams are named with letters, digits, '.', '_', '-', ':'"
        ),
        .rest("streams: { \"a{}\": {} }", tag("a{}")),
        .rest("streams: { \"{a}{b}\": {} }", tag("{a}{b}")),
        .rest("streams: { \"a}b{\": {} }", tag("a}b{")),
        .rest("streams: { \"{a\": {} }", tag("{a")),
        .rest(
            "streams: { \(String(repeating: "a", count: 129)): {} }",
            "3:12: error: the stream name '\(String(repeating: "a", count: 64))…' is 129 bytes long; at most 128 are allowed"
        ),
        .rest("streams: { \"orders:due\": {} }", reserved(":due")),
        .rest("streams: { \"orders:floor\": {} }", reserved(":floor")),
        .rest(
            "streams: { \"or\u{202E}ders\": {} }",
            "3:12: error: the stream name 'or\\u{202e}ders' has '\\u{202e}', which cannot be seen"),
        .rest(
            "streams: { \"or\u{200B}ders\": {} }",
            "3:12: error: the stream name 'or\\u{200b}ders' has '\\u{200b}', which cannot be seen"),
        .rest(
            "streams: { orders: {}, \"{orders}\": {} }",
            "3:24: error: the streams 'orders' and '{orders}' give one key, '{orders}:<group>:due'"),
        .rest(
            "streams: { orders: { groups: { \"a:b\": {} } } }",
            "3:32: error: the group name 'a:b' has ':'; groups are named without ':', '{', '}' and spaces, in ASCII"),
        .rest(
            "streams: { orders: { groups: { \"~x\": {} } } }",
            "3:32: error: the group name '~x' begins with '~', which is reserved"),
        Row(
            "version: 1\ndefault: events\nbrokers: { events: { provider: memory }, Events: { provider: memory } }",
            "3:42: error: the brokers 'events' and 'Events' differ only in case"),
        Row(
            "version: 1\nbrokers: { a/b: { provider: memory } }",
            "2:12: error: the broker name 'a/b' has '/'; brokers are named with letters, digits, '.', '_', '-'"),
    ]

    static func tag(_ name: String) -> String {
        "3:12: error: the stream name '\(name)' may have one '{tag}' that is closed and not empty"
    }

    static func reserved(_ ending: String) -> String {
        "3:12: error: the stream name 'orders\(ending)' ends in '\(ending)', which is reserved"
    }

    static let agreements: [Row] = [
        .rest("drian: 5s", "3:1: error: unknown key 'drian' at the top; did you mean 'drain'?"),
        .rest(
            "defaults: { max_payload: 5B, visiblity: 1s, x-note: hello }",
            "3:13: error: unknown key 'max_payload' in defaults",
            "3:30: error: unknown key 'visiblity' in defaults; did you mean 'visibility'?"),
        Row(
            "version: 1\nbrokers: { events: { provdier: memory } }",
            "2:22: error: unknown key 'provdier' in brokers.events; did you mean 'provider'?"),
        Row("version: 1\nbrokers: { events: {} }", "2:12: error: 'provider' is missing in brokers.events"),
        Row(
            "version: 1\nbrokers: { events: { provider: memroy } }",
            "2:32: error: unknown provider 'memroy'; registered: memory, live-only; did you mean 'memory'?"),
        Row(
            "version: 1\nbrokers: { events: { provider: live } }",
            "2:32: error: unknown provider 'live'; registered: memory, live-only; did you mean 'live-only'?"),
        Row(
            "version: 1\nbrokers: { events: { provider: redis-streams } }",
            "2:32: error: unknown provider 'redis-streams'; registered: memory, live-only"),
        Row(
            "version: 1\nbrokers: { events: { provider: memory, cluster: true } }",
            "2:40: error: unknown key 'cluster' in brokers.events"),
        Row(
            "version: 1\nbrokers: { a: { provider: memory }, b: { provider: memory } }",
            "2:1: error: 'default' is missing: with several brokers it names one of a, b"),
        .rest(
            "default: evnts",
            "3:10: error: 'default' names the broker 'evnts', which is not declared; did you mean 'events'?"),
        .rest(
            "streams: { orders: { broker: other } }",
            "3:30: error: 'streams.orders.broker' names the broker 'other', which is not declared; declared are events"),
        .rest(
            "streams: { orders: { also: event } }",
            "3:28: error: 'streams.orders.also' names the broker 'event', which is not declared; did you mean 'events'?"
        ),
        .rest(
            "streams: { orders: { also: events } }",
            "3:28: error: 'also' in streams.orders names 'events', which carries it already"),
        .rest(
            "streams: { orders: { retry: { initial: 10m } } }",
            "3:40: error: retry.max (5m, the default) is less than retry.initial (10m)"),
        .rest(
            "defaults: { retry: { initial: 2s, max: 1s } }\nstreams: { a: {}, b: { groups: { c: {}, d: {} } } }",
            "3:40: error: retry.max (1s) is less than retry.initial (2s)"),
        .rest(
            "streams: { orders: { dead-letter: { stream: orders } } }",
            "3:45: error: the dead letters of 'orders' go to 'orders', back into it"),
        .rest(
            "streams: { \"a.*\": { dead-letter: { stream: a.dead } } }",
            "3:44: error: the dead letters of 'a.*' go to 'a.dead', back into it"),
        .rest(
            "streams: { a: { dead-letter: { stream: b, enabled: false } } }",
            "3:40: error: 'streams.a.dead-letter.stream' names a stream while 'dead-letter.enabled' is false"),
        .rest(
            "streams: { a: { dead-letter: { stream: \"a:due\" } } }",
            "3:40: error: the stream name 'a:due' ends in ':due', which is reserved"),
        .rest(
            "streams: { a: { retention: { policy: cap } } }",
            "3:38: error: 'streams.a.retention.policy' has no bound to keep; add 'max-length' or 'max-age'"),
        .rest(
            "streams: { a: { retention: { policy: cap, max_length: 10 } } }",
            "3:43: error: unknown key 'max_length' in streams.a.retention; did you mean 'max-length'?"),
        .rest(
            "streams: { a: { retention: { policy: cap, max-length: 10 }, groups: { g: {} } } }",
            "3:55: error: 'streams.a.retention.max-length' (10, policy cap) is less than concurrency (16)"
                + " of streams.a.groups.g"),
        .rest("environments: { dev: [] }", "3:22: error: 'environments.dev' takes a map; found a list"),
        .rest("environments: { dev: { version: 1 } }", "3:24: error: 'version' cannot change in an environment"),
    ]

    static let publishing: [Row] = [
        .rest(
            "streams: { a: { deduplication: { window: 500ms, max-ids: 0 } } }",
            "3:42: error: 'window' in streams.a.deduplication takes a duration from 1s to 7d, such as 30s; found '500ms'",
            "3:58: error: 'max-ids' in streams.a.deduplication takes a whole number from 1 to 1000000; found '0'"),
        .rest(
            "streams: { a: { durability: { replicas: -1, timeout: 2m, fsync: yes } } }",
            "3:41: error: 'replicas' in streams.a.durability takes a whole number from 0 to 100; found '-1'",
            "3:54: error: 'timeout' in streams.a.durability takes a duration from 1ms to 1m, such as 30s; found '2m'",
            "3:65: error: 'fsync' in streams.a.durability takes true or false; found 'yes'"),
        .rest(
            "streams: { a: { durability: { timeout: 2s } } }",
            "3:17: error: 'streams.a.durability' waits for nothing; add 'replicas', such as 1, or 'fsync: true'",
            "3:17: error: streams.a sets durability, but the provider 'memory' of broker 'events' does not promise"
                + " publishes that wait for replicas"),
    ]

    static let needs: [Row] = [
        Row(
            live("ticks: {}"),
            "3:12: error: streams.ticks needs at-least-once, but the provider 'live-only' of broker 'live' does not"
                + " promise redelivery after a crash; write 'guarantee: at-most-once' if it may lose messages"),
        Row(
            live("ticks: { guarantee: at-most-once, retention: { max-length: 5 } }"),
            "3:46: error: streams.ticks sets retention, but the provider 'live-only' of broker 'live' does not promise"
                + " retention"),
        Row(
            live("ticks: { guarantee: at-most-once, deduplication: { window: 5m } }"),
            "3:46: error: streams.ticks sets deduplication, but the provider 'live-only' of broker 'live' does not"
                + " promise deduplication"),
        Row(
            live("\"ticks.*\": { guarantee: at-most-once }"),
            "3:12: error: streams.ticks.* is a pattern, but the provider 'live-only' of broker 'live' does not promise"
                + " patterns"),
        Row(
            live("ticks: { guarantee: at-most-once, groups: { g: { start: earliest } } }"),
            "3:68: error: streams.ticks.groups.g starts at earliest, but the provider 'live-only' of broker 'live' has no"
                + " past"),
        Row(
            live("ticks: { guarantee: at-most-once, groups: { g: {} } }\ndefaults: { start: 2026-01-01 }"),
            "4:20: error: streams.ticks.groups.g starts at 2026-01-01T00:00:00Z, but the provider 'live-only' of broker"
                + " 'live' has no past"),
    ]

    static func live(_ stream: String) -> String {
        let parts = stream.split(separator: "\n", maxSplits: 1)
        let rest = parts.count == 2 ? "\n\(parts[1])" : ""
        return "version: 1\nbrokers: { live: { provider: live-only } }\nstreams: { \(parts[0]) }\(rest)"
    }

    static let deadLetters: [Row] = [
        .rest("streams: { \"{orders}:dead\": {} }", "3:12: error: the stream name '{orders}:dead' \(nobody)"),
        .rest("streams: { \"orders:dead\": {} }", "3:12: error: the stream name 'orders:dead' \(nobody)"),
        .rest(
            "streams: { orders: {}, \"orders:dead\": {} }",
            "3:24: error: the stream name 'orders:dead' ends in ':dead', as the dead letters of a declared stream do, and"
                + " no declared stream has these; did you mean '{orders}:dead'?"),
        .rest(
            "streams: { a: { dead-letter: { stream: b } }, b: { dead-letter: { stream: a } } }",
            "3:17: error: \(idle("dead-letter", in: "a"))", "3:52: error: \(idle("dead-letter", in: "b"))"),
        .rest(
            "streams: { orders: {}, \"{orders}:dead\": { retry: { attempts: 3 }, dead-letter: { enabled: false } } }",
            "3:62: error: \(idle("retry.attempts", in: "{orders}:dead"))",
            "3:67: error: \(idle("dead-letter", in: "{orders}:dead"))"),
        .rest(
            "streams: { orders: {}, \"*:dead\": { groups: { g: { retry: { attempts: 3 } } } } }",
            "3:70: error: \(idle("retry.attempts", in: "*:dead.groups.g"))"),
        Row(
            twoBrokers + "streams: { orders: { broker: far }, \"{orders}:dead\": {} }",
            "4:37: error: streams.{orders}:dead is on the broker 'events', but the dead letters of 'orders' are stored on"
                + " 'far'; write 'broker: far'"),
        Row(
            twoBrokers + "streams: { \"agent.*\": { broker: far }, \"{agent.7}:dead\": { broker: events } }",
            "4:68: error: streams.{agent.7}:dead is on the broker 'events', but the dead letters of 'agent.*' are stored"
                + " on 'far'; write 'broker: far'"),
    ]

    static let twoBrokers =
        "version: 1\ndefault: events\nbrokers: { events: { provider: memory }, far: { provider: memory } }\n"

    static let nobody =
        "ends in ':dead', as the dead letters of a declared stream do, and no declared stream has these;"
        + " declare that stream too, or choose another name"

    static func idle(_ key: String, in place: String) -> String {
        "'\(key)' has no effect in streams.\(place), which holds dead letters: what fails there is tried until it succeeds;"
            + " leave it out"
    }

    @Test(arguments: shapes + values + bodies + names + agreements + publishing + deadLetters + needs)
    func saysWhereAndWhat(_ row: Row) throws {
        let problems = try ConfigurationFixture.problems(row.yaml).map { "\($0.split(separator: "\n")[0])" }
        #expect(problems == row.problems.map { "brokers.yaml:\($0)" })
    }
}
