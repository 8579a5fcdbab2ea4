// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import BrokerTestKit
import BrokerYAML
import FuzzTargets
import RedisWire
import Testing

/// Decoders with a mistake each: an attack that does not find it proves nothing.
@Suite struct PlantedMistakes {
    struct Mistake: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var promise: String
        var target: any FuzzTarget

        init(_ what: String, breaks promise: String, _ target: any FuzzTarget) {
            (testDescription, self.promise, self.target) = (what, promise, target)
        }
    }

    static let replies = [
        Mistake(
            "the line end of a piece is taken for the end of a value",
            breaks: "bytes are read the same wherever they are cut",
            ReplyTarget { pieces, limits in
                ReplyOutcome.read(pieces.count > 1 ? pieces.filter { $0 != [10] } : pieces, limits)
            }),
        Mistake(
            "a limit that cuts instead of refusing",
            breaks: "what the tight bounds let through is what the wide ones do",
            ReplyTarget { pieces, limits in
                var outcome = ReplyOutcome.read(pieces, limits)
                if limits.lineBytes < 100, outcome.isRefused { (outcome.isRefused, outcome.reason) = (false, "") }
                return outcome
            }),
        Mistake(
            "a refusal without a reason", breaks: "a refusal says why",
            ReplyTarget { pieces, limits in
                var outcome = ReplyOutcome.read(pieces, limits)
                outcome.reason = ""
                return outcome
            }),
        Mistake(
            "a header is believed", breaks: "no more bytes are kept than came",
            ReplyTarget { pieces, limits in
                var outcome = ReplyOutcome.read(pieces, limits)
                if outcome.reason.contains("bytes") { outcome.kept += 1 << 20 }
                return outcome
            }),
        Mistake(
            "values out of nothing", breaks: "no value takes less than three bytes",
            ReplyTarget { pieces, limits in
                var outcome = ReplyOutcome.read(pieces, limits)
                outcome.values *= 20
                return outcome
            }),
        Mistake(
            "texts lose what follows a zero", breaks: "what was read is read again when it is written",
            ReplyTarget { pieces, limits in
                var outcome = ReplyOutcome.read(pieces, limits)
                outcome.replies = outcome.replies.map {
                    $0.first == UInt8(ascii: "$") ? Array($0.prefix { $0 != 0 }) : $0
                }
                return outcome
            }),
    ]

    static let clusters = [
        Mistake(
            "ASK is taken for MOVED", breaks: "a redirection says what its text says",
            ClusterTarget(redirection: { text in
                Redirection(text.hasPrefix("ASK ") ? "MOVED \(text.dropFirst(4))" : text)
            })),
        Mistake(
            "the last node of an odd map is dropped", breaks: "a map never forgets a slot",
            ClusterTarget(follow: { view, map in
                _ = map.follow(view)
                if view.ranges.count % 2 == 1 { map = SlotMap() }
            })),
        Mistake(
            "redirections leave nodes behind", breaks: "a map has no more nodes than it was told of",
            ClusterTarget(follow: { view, map in
                _ = map.follow(view)
                for slot in 0..<9 { _ = map.move(slot, to: RedisNode(.init(address: .host("x", port: slot + 1)))) }
            })),
    ]

    static let messages = [
        Mistake(
            "a long key gains a letter", breaks: "what was decoded is the same when it is stored again",
            EntryTarget { reply in
                var entry = EntryDecoder.entry(reply)
                if let key = entry?.message.key, key.utf8.count > 3 { entry?.message.key = key + "x" }
                return entry
            }),
        Mistake(
            "an id wraps around", breaks: "an entry has the id that it says",
            EntryTarget { reply in
                let entry = EntryDecoder.entry(reply)
                return entry.map { StoredMessage(id: $0.id.next ?? $0.id, message: $0.message) }
            }),
        Mistake(
            "headers are made of nothing", breaks: "no header comes of less than four bytes",
            EntryTarget { reply in
                var entry = EntryDecoder.entry(reply)
                for _ in 0..<2000 { entry?.message.headers.append("", "") }
                return entry
            }),
        Mistake(
            "an empty payload is taken for none", breaks: "what was decoded is decoded again when it is encoded",
            EnvelopeTarget(
                encode: { message in
                    message.payload.isEmpty
                        ? LiveEnvelope.encode(Message(key: message.key, headers: message.headers))
                        : LiveEnvelope.encode(message)
                })),
        Mistake(
            "what is left over is dropped", breaks: "an envelope has one way to be written",
            EnvelopeTarget(decode: { bytes in
                let (whole, less) = (LiveEnvelope.decode(bytes), LiveEnvelope.decode(bytes.dropLast()))
                return whole.headers.isEmpty && !less.headers.isEmpty ? less : whole
            })),
        Mistake(
            "zeros at the end are dropped", breaks: "what is no envelope is a payload to the last byte",
            EnvelopeTarget(decode: { bytes in
                let message = LiveEnvelope.decode(bytes)
                guard message.headers.isEmpty, message.key == nil, bytes.first != 0xF5, bytes.last == 0 else {
                    return message
                }
                return Message(Array(bytes.reversed().drop { $0 == 0 }.reversed()))
            })),
        Mistake(
            "an envelope takes a second", breaks: "decoding takes bounded time",
            EnvelopeTarget(decode: { bytes in
                let end = ProcessorTime.ofThread + .seconds(2)
                while ProcessorTime.ofThread < end {}
                return LiveEnvelope.decode(bytes)
            })),
    ]

    static let files = [
        Mistake(
            "a file in braces is read as nothing", breaks: "a tree is the same when it is written and read",
            YAMLTarget { bytes in
                var document = YAMLReader.read(bytes, file: "brokers.yaml")
                if bytes.first == UInt8(ascii: "{") { document.root = ConfigurationNode(.null) }
                return document
            }),
        Mistake(
            "a file is given up without a word", breaks: "a file that is not read has a problem",
            YAMLTarget { bytes in
                var document = YAMLReader.read(bytes, file: "brokers.yaml")
                if document.root == nil { document.problems = [] }
                return document
            }),
        Mistake(
            "a problem that is nowhere", breaks: "a problem is somewhere",
            YAMLTarget { bytes in
                var document = YAMLReader.read(bytes, file: "brokers.yaml")
                for index in document.problems.indices { document.problems[index].position = nil }
                return document
            }),
        Mistake(
            "a problem is told for every byte", breaks: "problems are few",
            YAMLTarget { bytes in
                var document = YAMLReader.read(bytes, file: "brokers.yaml")
                document.problems += document.problems.flatMap { Array(repeating: $0, count: 3 * bytes.count + 20) }
                return document
            }),
        Mistake(
            "aliases are counted at their anchors", breaks: "no tree is larger than its file and its aliases",
            YAMLTarget { bytes in
                var document = YAMLReader.read(bytes, file: "brokers.yaml")
                document.root?.value = .list(Array(repeating: ConfigurationNode(.null), count: bytes.count + 2000))
                return document
            }),
    ]

    static let sentinels = [
        Mistake(
            "a host that is not told is taken for one", breaks: "a host is a name or a number",
            SentinelTarget { replies throws(RedisError) in
                guard let parts = replies.first?.elements, parts.count == 2, let port = parts[1]?.integer else {
                    return try SentinelReport(replies)
                }
                let address = RedisAddress.host(parts[0]?.string ?? "", port: min(max(port, 1), 65535))
                return SentinelReport(.primary(NamedPrimary(address)))
            }),
        Mistake(
            "a port is not looked at", breaks: "a port is one",
            SentinelTarget { replies throws(RedisError) in
                let port = replies.first?.elements[1]?.integer ?? 1
                return SentinelReport(.primary(NamedPrimary(.host("a", port: port))))
            }),
    ]

    static let urls = [
        Mistake(
            "a refusal shows what was written", breaks: "a refusal repeats nothing that may be a secret",
            URLTarget { text throws(RedisError) in
                do throws(RedisError) {
                    return try RedisURL(text)
                } catch {
                    throw RedisError(.configuration, "\(error.message): \(text)")
                }
            }),
        Mistake(
            "a password is taken for a host", breaks: "no user and no password is shown",
            URLTarget { text throws(RedisError) in
                var url = try RedisURL(text)
                if let password = url.password { url.place = .server(.host(password.value, port: 6379)) }
                return url
            }),
        Mistake(
            "a port is one too high", breaks: "what is shown is read as the same place",
            URLTarget { text throws(RedisError) in
                var url = try RedisURL(text)
                if case .server(.host(let host, let port)) = url.place, port < 65535 {
                    url.place = .server(.host(host, port: port + 1))
                }
                return url
            }),
        Mistake(
            "the first seed is asked twice", breaks: "there is a host, and each is there once",
            URLTarget { text throws(RedisError) in
                var url = try RedisURL(text)
                if case .cluster(let seeds) = url.place { url.place = .cluster(seeds: seeds + seeds.prefix(1)) }
                return url
            }),
    ]

    @Test(arguments: replies + clusters + sentinels + messages + files + urls) func isFound(_ mistake: Mistake) {
        var run = FuzzRun(mistake.target, seed: 1)
        let failure = #expect(throws: FuzzRun.Failure.self) {
            for _ in 0..<3000 { try run.step() }
        }
        #expect(failure?.finding.promise == mistake.promise)
    }
}
