// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import StreamBroker
import Testing

/// What is printed about a file that is no YAML, or is other YAML than was meant: what was expected, what was found,
/// and what to write.
@Suite struct YAMLMistakeTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var yaml: String
        var printed: String
        var testDescription: String { yaml }

        /// The end of a file, whose brokers are fine; line 3 is its first line.
        init(_ yaml: String, _ printed: String) {
            self.yaml = BadConfigurationTests.base + yaml
            self.printed = printed
        }

        static func file(_ yaml: String, _ printed: String) -> Row {
            var row = Row("", printed)
            row.yaml = yaml
            return row
        }
    }

    /// Indentation and quoting, which everybody gets wrong once.
    static let lines = [
        Row(
            "streams:\n\torders: {}",
            """
            brokers.yaml:4:1: error: expected spaces as indentation, found a tab; indent with spaces
                \torders: {}
                ^
            """),
        Row(
            "streams:\n  orders:\n    visibility: 30s\n  \tretry: {}",
            """
            brokers.yaml:6:3: error: expected spaces as indentation, found a tab; indent with spaces
                  \tretry: {}
                  ^
            """),
        Row(
            "streams:\n  orders:\n    groups:\n      billing: {}\n   search: {}",
            """
            brokers.yaml:7:4: error: expected 2 spaces before 'search', as before 'orders' in line 4, or 4, as before 'groups' in line 5; found 3
                   search: {}
                   ^^^^^^
            """),
        Row(
            "streams:\n  orders:\n    visibility: 30s\n     timeout: 1m",
            """
            brokers.yaml:6:6: error: expected 4 spaces before 'timeout', as before 'visibility' in line 5; found 5
                     timeout: 1m
                     ^^^^^^^
            """),
        Row(
            "streams:\n  orders: { visibility: 30s }\n   search: {}",
            """
            brokers.yaml:5:4: error: expected 2 spaces before 'search', as before 'orders' in line 4; found 3
                   search: {}
                   ^^^^^^
            """),
        .file(
            "version:1\nbrokers: { events: { provider: memory } }",
            """
            brokers.yaml:1:8: error: expected a space after the colon, found none; write 'version: 1'
                version:1
                       ^
            """),
        Row(
            "drain:5s\nstreams: {}",
            """
            brokers.yaml:3:6: error: expected a space after the colon, found none; write 'drain: 5s'
                drain:5s
                     ^
            """),
        .file(
            "version: 1\nbrokers:\n  events:\n    provider:memory",
            """
            brokers.yaml:4:5: error: 'brokers.events' takes a map; found 'provider:memory'; write a space after the colon: 'provider: memory'
                    provider:memory
                    ^^^^^^^^^^^^^^^
            """),
        .file(
            "version: 1\nbrokers: { events: { provider:memory } }",
            """
            brokers.yaml:2:22: error: unknown key 'provider:memory' in brokers.events; write a space after the colon: 'provider: memory'
                brokers: { events: { provider:memory } }
                                     ^^^^^^^^^^^^^^^
            """),
        .file(
            "version: 1\nbrokers:\n  events:{ provider: memory }",
            """
            brokers.yaml:3:22: error: 'brokers.events:{ provider' takes a map; found 'memory }'; write a space after the colon: 'events: { provider'
                  events:{ provider: memory }
                                     ^^^^^^^^
            """),
        .file(
            "version: 1\nbrokers: {events:{provider: memory}}",
            """
            brokers.yaml:2:17: error: expected a space after the colon, found none; write one
                brokers: {events:{provider: memory}}
                                ^
            """),
        Row(
            "drain",
            """
            brokers.yaml:3:1: error: expected 'key: value', found no colon; write ': ' behind the key
                drain
                ^
            """),
        Row(
            "drain: 5s: 6s # soon",
            """
            brokers.yaml:3:10: error: expected one value, found ': ' in it; put it in quotes: "5s: 6s"
                drain: 5s: 6s # soon
                         ^
            """),
        Row(
            "drain: 5s\n- x",
            """
            brokers.yaml:4:1: error: expected a key, found '-', which begins a list; put the list below a key of its own
                - x
                ^
            """),
        Row(
            "drain: 5s\ndrain: 6s",
            """
            brokers.yaml:4:1: error: duplicate key 'drain', first in line 3; keep one of the two
                drain: 6s
                ^^^^^
            """),
    ]

    static let quotes = [
        Row(
            "drain: \"5s\nx-note: \"b\"",
            """
            brokers.yaml:3:8: error: expected a closing quote in this line, found it in line 4; close the quote here
                drain: "5s
                       ^
            """),
        Row(
            "drain: '5s",
            """
            brokers.yaml:3:8: error: expected a closing quote, found the end of the file; close the quote here
                drain: '5s
                       ^
            """),
        Row(
            "x-note: 'it's'",
            """
            brokers.yaml:3:13: error: expected the end of the value after its closing quote, found more; put quotes of the other kind around it
                x-note: 'it's'
                            ^
            """),
        Row(
            #"x-note: "a\q""#,
            #"""
            brokers.yaml:3:11: error: expected an escape such as '\n' after the backslash, found none; write '\\' for a backslash
                x-note: "a\q"
                          ^
            """#),
        Row(
            "drain: `5s`",
            """
            brokers.yaml:3:8: error: expected text, found '`', with which no text begins in YAML; put text that begins with it in quotes
                drain: `5s`
                       ^
            """),
        Row(
            "drain: &",
            """
            brokers.yaml:3:8: error: expected text, found '&', which begins an anchor in YAML; put text that begins with it in quotes
                drain: &
                       ^
            """),
        Row(
            "drain: |5s",
            """
            brokers.yaml:3:10: error: expected the end of the line after '|' or '>', found more; put text that begins with them in quotes
                drain: |5s
                         ^
            """),
        Row(
            "drain: - 5s",
            """
            brokers.yaml:3:8: error: expected a value, found '-', which begins a list; begin a list in a line of its own
                drain: - 5s
                       ^
            """),
        Row(
            "drain: }",
            """
            brokers.yaml:3:8: error: expected a value, found '}'; put text that begins with it in quotes
                drain: }
                       ^
            """),
        Row(
            "defaults: { retry: { attempts: 3 }\nstreams: {}",
            """
            brokers.yaml:4:1: error: expected ',' or '}' after an entry of the '{' in line 3, found 's'; add the comma or the '}' that is missing
                streams: {}
                ^
            """),
        Row(
            "defaults: { retry: { attempts: 3 }}}",
            """
            brokers.yaml:3:36: error: expected the end of the value, found '}'; remove it, or put the value in quotes
                defaults: { retry: { attempts: 3 }}}
                                                   ^
            """),
        Row(
            "drain: 5s\n...\nstreams: {}",
            """
            brokers.yaml:5:1: error: expected the end of the file after '...', found more; a file holds one document
                streams: {}
                ^
            """),
    ]

    /// Names and variables that mean something else to YAML.
    static let names = [
        Row(
            "drain: 5s\ndefaults: { timeout: ${TIMEOUT:-1m}, visibility: 30s }",
            """
            brokers.yaml:4:22: error: expected quotes around a variable in '{ }' or '[ ]', found none; write "${TIMEOUT:-1m}"
                defaults: { timeout: ${TIMEOUT:-1m}, visibility: 30s }
                                     ^^^^^^^^^^^^^^
            """),
        Row(
            "x-note: [ a ${X} ]",
            """
            brokers.yaml:3:11: error: expected quotes around a variable in '{ }' or '[ ]', found none; write "a ${X}"
                x-note: [ a ${X} ]
                          ^^^^^^
            """),
        .file(
            "version: 1\nbrokers: { events: { provider: live-only, password: ${PASSWORD} } }",
            """
            brokers.yaml:2:53: error: expected quotes around a variable in '{ }' or '[ ]', found none; write "${PASSWORD}"
            """),
        .file(
            "version: 1\nbrokers: { events: { provider: live-only, password: canary${PASSWORD} } }",
            """
            brokers.yaml:2:53: error: expected quotes around a variable in '{ }' or '[ ]', found none; write the whole value in quotes, as in "${NAME}"
            """),
        Row(
            "drain: ${DRAIN:?set it: now}",
            """
            brokers.yaml:3:23: error: expected one value, found ': ' in it; put it in quotes: "${DRAIN:?set it: now}"
                drain: ${DRAIN:?set it: now}
                                      ^
            """),
        Row(
            "streams:\n  *.orders: {}",
            """
            brokers.yaml:4:3: error: expected text, found '*', which begins an alias in YAML; put a pattern in quotes: "*.orders"
                  *.orders: {}
                  ^^^^^^^^
            """),
        Row(
            "streams: { *: {} }",
            """
            brokers.yaml:3:12: error: expected text, found '*', which begins an alias in YAML; put a pattern in quotes: "*"
                streams: { *: {} }
                           ^
            """),
        Row(
            "streams: { *orders: {} }",
            """
            brokers.yaml:3:12: error: expected text, found '*', which begins an alias in YAML; put a pattern in quotes: "*orders"
                streams: { *orders: {} }
                           ^^^^^^^
            """),
        Row(
            "streams:\n  orders: {}\n  {orders}:dead:\n    groups: {}",
            """
            brokers.yaml:5:3: error: expected a name, found '{', which begins a map in YAML; put a name with braces in quotes: "{orders}:dead"
                  {orders}:dead:
                  ^^^^^^^^^^^^^
            """),
        Row(
            "streams: { orders: { dead-letter: { stream: {orders}:failures } } }",
            """
            brokers.yaml:3:45: error: expected a name, found '{', which begins a map in YAML; put a name with braces in quotes: "{orders}:failures"
                streams: { orders: { dead-letter: { stream: {orders}:failures } } }
                                                            ^^^^^^^^^^^^^^^^^
            """),
        Row(
            "streams:\n  {orders}: {}",
            """
            brokers.yaml:4:3: error: expected text as a key, found a map; put a key with brackets in quotes
                  {orders}: {}
                  ^
            """),
    ]

    /// Keys that are right in another place.
    static let places = [
        Row(
            "streams:\n  groups:\n    billing: { concurrency: 4 }",
            """
            brokers.yaml:4:3: error: expected the name of a stream, found the key 'groups'; write it below a name, as in 'streams.orders.groups'
                  groups:
                  ^^^^^^
            """),
        .file(
            "version: 1\nbrokers: { provider: live-only, url: live://h }\nstreams: { a: {} }",
            """
            brokers.yaml:2:12: error: expected the name of a broker, found the key 'provider'; write it below a name, as in 'brokers.events.provider'
                brokers: { provider: live-only, url: live://h }
                           ^^^^^^^^
            """),
        Row(
            "streams: { orders: { groups: { concurrency: 4 } } }",
            """
            brokers.yaml:3:32: error: expected the name of a group, found the key 'concurrency'; write it below a name, as in 'streams.orders.groups.billing.concurrency'
                streams: { orders: { groups: { concurrency: 4 } } }
                                               ^^^^^^^^^^^
            """),
        Row(
            "environments: { drain: 5s }",
            """
            brokers.yaml:3:17: error: expected the name of an environment, found the key 'drain'; write it below a name, as in 'environments.production.drain'
                environments: { drain: 5s }
                                ^^^^^
            """),
        Row(
            "retention: { max-length: 5 }",
            """
            brokers.yaml:3:1: error: unknown key 'retention' at the top; it stands in a stream
                retention: { max-length: 5 }
                ^^^^^^^^^
            """),
        Row(
            "streams: { orders: { prefetch: 4 } }",
            """
            brokers.yaml:3:22: error: unknown key 'prefetch' in streams.orders; it stands in 'defaults' or in a group
                streams: { orders: { prefetch: 4 } }
                                     ^^^^^^^^
            """),
        Row(
            "streams: { orders: { max-length: 4 } }",
            """
            brokers.yaml:3:22: error: unknown key 'max-length' in streams.orders; it stands in 'retention'
                streams: { orders: { max-length: 4 } }
                                     ^^^^^^^^^^
            """),
        .file(
            "version: 1\nbrokers: { events: { provider: live-only, password:canary } }",
            """
            brokers.yaml:2:43: error: unknown key 'password:…' in brokers.events; write a space after the colon
            """),
        .file(
            "version: 1\nbrokers: { events: { provider: live-only, password canary } }",
            """
            brokers.yaml:2:43: error: unknown key 'password …' in brokers.events
            """),
    ]

    @Test(arguments: lines + quotes + names + places) func saysWhatToWrite(_ row: Row) throws {
        #expect(try ConfigurationFixture.problems(row.yaml).joined(separator: "\n") == row.printed)
    }

    @Test func aStreamMayBeCalledLikeAKey() throws {
        let text =
            BadConfigurationTests.base + "streams: { groups: { groups: { retry: {} } }, retention: {}, visibility: }"
        let configuration = try ConfigurationFixture.load(text)
        #expect(configuration.streams.map(\.selection.text) == ["groups", "retention", "visibility"])
        #expect(configuration.streams[0].groups.map(\.name) == ["retry"])
    }
}
