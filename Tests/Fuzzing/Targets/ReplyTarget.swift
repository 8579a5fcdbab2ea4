// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerTestKit
package import RedisWire

/// Bytes of a server: read the same however they are cut, never more kept than came, and refused by a typed error.
package struct ReplyTarget: FuzzTarget {
    /// Reads bytes that came in pieces.
    package typealias Read = @Sendable ([ArraySlice<UInt8>], ReplyLimits) -> ReplyOutcome

    private let read: Read

    /// Makes a target; a test may plant a reader with a mistake.
    package init(read: @escaping Read = ReplyOutcome.read) {
        self.read = read
    }

    package let name = "reply"
    package let words = [
        "*1\r\n", "*2\r\n", "*0\r\n", "*-1\r\n", "$-1\r\n", "$0\r\n\r\n", "$3\r\nabc\r\n", ":1\r\n",
        ":1700000000000\r\n",
        "+OK\r\n", "-ERR no\r\n", "\r", "\n", "*16777217\r\n", "$536870913\r\n", "$99999999999999999999\r\n", "%1\r\n",
        "~1\r\n", ">2\r\n", "_\r\n", "#t\r\n", ",1.5\r\n", "(12\r\n", "=5\r\ntxt:a\r\n", "|1\r\n", "$?\r\n", "*?\r\n",
    ]

    /// Bounds that short inputs reach.
    private static let tight: ReplyLimits = {
        var limits = ReplyLimits()
        (limits.textBytes, limits.elements, limits.batchBytes, limits.lineBytes) = (100, 20, 4000, 30)
        return limits
    }()

    package func makeInput(using random: inout SeededGenerator) -> [UInt8] {
        let count = Int.random(in: 1...4, using: &random)
        return (0..<count).flatMap { _ in Self.value(depth: 0, &random) }
    }

    package func check(_ input: [UInt8]) throws(FuzzFinding) -> String {
        let loose = try check(input, ReplyLimits())
        let tight = try check(input, Self.tight)
        try hold(
            "what the tight bounds let through is what the wide ones do",
            loose.replies.starts(with: tight.replies) && (tight.isRefused || loose == tight))
        return "\(min(loose.replies.count, 4)) \(loose.reason.outline)/\(tight.reason.outline)"
    }

    private func check(_ input: [UInt8], _ limits: ReplyLimits) throws(FuzzFinding) -> ReplyOutcome {
        let whole = read([input[...]], limits)
        try hold("a refusal says why", whole.isRefused != whole.reason.isEmpty, whole.reason)
        try hold("no value takes less than three bytes", whole.values * 3 <= input.count, "\(whole.values) values")
        try hold("no more bytes are kept than came", whole.kept <= input.count, "\(whole.kept) of \(input.count)")
        for pieces in Self.cuts(input) {
            let cut = read(pieces, limits)
            try hold(
                "bytes are read the same wherever they are cut", cut == whole,
                "\(pieces.count) pieces: \(cut.replies.count) replies \(cut.reason)"
                    + "; one piece: \(whole.replies.count) replies \(whole.reason)")
        }
        let again = read([whole.replies.flatMap { $0 }[...]], limits)
        try hold(
            "what was read is read again when it is written", again.replies == whole.replies && !again.isRefused,
            again.reason)
        return whole
    }

    /// Byte by byte, which has every cut there is, and a few by chance, which the input itself determines.
    private static func cuts(_ input: [UInt8]) -> [[ArraySlice<UInt8>]] {
        let seed = input.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        var random = SeededGenerator(seed: seed)
        let step = input.count > 8192 ? 61 : 1
        let equal = stride(from: 0, to: input.count, by: step).map { input[$0..<min($0 + step, input.count)] }
        let drawn = (0..<2).map { _ in
            var pieces: [ArraySlice<UInt8>] = []
            var rest = input[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...max(1, input.count / 3), using: &random))
                pieces.append(piece)
                rest = rest.dropFirst(piece.count)
            }
            return pieces
        }
        return [equal] + drawn
    }

    /// Draws a value as a server writes it.
    static func value(depth: Int, _ random: inout SeededGenerator) -> [UInt8] {
        switch Int.random(in: 0..<(depth < 6 ? 8 : 6), using: &random) {
        case 0: return Array("+OK\r\n".utf8)
        case 1: return Array("-ERR \(Int.random(in: 0...9, using: &random))\r\n".utf8)
        case 2: return Array(":\(Int64.random(in: .min ... .max, using: &random))\r\n".utf8)
        case 3: return Array(":\(Int.random(in: -9...9, using: &random))\r\n".utf8)
        case 4: return Array((Bool.random(using: &random) ? "$-1\r\n" : "*-1\r\n").utf8)
        case 5:
            return text(
                (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
        default:
            let count = Int.random(in: 0...5, using: &random)
            return Array("*\(count)\r\n".utf8) + (0..<count).flatMap { _ in value(depth: depth + 1, &random) }
        }
    }

    /// Writes a text as a server does.
    static func text(_ bytes: [UInt8]) -> [UInt8] {
        Array("$\(bytes.count)\r\n".utf8) + bytes + Array("\r\n".utf8)
    }
}
