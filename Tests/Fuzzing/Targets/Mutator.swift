// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerTestKit

/// Changes inputs a little, in the ways that decoders stumble over: bytes, lengths, line ends, nesting, halves of others.
package struct Mutator: Sendable {
    /// The longest input that is made.
    package static let longest = 64 << 10
    private static let numbers = [
        "0", "1", "-1", "-2", "7", "63", "64", "65", "1000", "1024", "65536", "65537", "16777216", "16777217",
        "536870912", "536870913", "2147483647", "2147483648", "4294967295", "9223372036854775807",
        "9223372036854775808", "18446744073709551615", "18446744073709551616", "99999999999999999999",
    ]

    private let words: [[UInt8]]

    /// Makes a mutator that knows some words.
    package init(words: [String]) {
        self.words =
            words.map { Array($0.utf8) } + [[0], [0xFF], [0xC3, 0x28], [0xEF, 0xBB, 0xBF], Array("\r\n".utf8)]
    }

    /// Changes an input one to eight times; `other` is one that parts may come from.
    package func mutate(_ input: [UInt8], _ other: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
        var bytes = input
        for _ in 0..<(1 << Int.random(in: 0...3, using: &random)) {
            change(&bytes, other, &random)
            if bytes.count > Self.longest { bytes.removeLast(bytes.count - Self.longest) }
        }
        return bytes
    }

    private func change(_ bytes: inout [UInt8], _ other: [UInt8], _ random: inout SeededGenerator) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<10, using: &random) {
        case 0: if place < bytes.count { bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
        case 1: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &random) }
        case 2: bytes.insert(contentsOf: word(&random), at: place)
        case 3: bytes.removeSubrange(range(from: place, of: bytes, &random))
        case 4: bytes.insert(contentsOf: bytes[range(from: place, of: bytes, &random)], at: place)
        case 5: bytes.insert(contentsOf: other[range(from: 0, of: other, &random)], at: place)
        case 6, 7: changeNumber(&bytes, from: place, &random)
        case 8: bytes.insert(contentsOf: nest(&random), at: place)
        default: bytes.removeLast(bytes.count - place)
        }
    }

    private func word(_ random: inout SeededGenerator) -> [UInt8] {
        words.randomElement(using: &random) ?? []
    }

    /// A word so often that a limit of depth or length is passed.
    private func nest(_ random: inout SeededGenerator) -> [UInt8] {
        let word = word(&random)
        let count = [9, 64, 65, 300].randomElement(using: &random) ?? 9
        return (0..<count).flatMap { _ in word }
    }

    /// A few bytes from a place on; seldom many.
    private func range(from start: Int, of bytes: [UInt8], _ random: inout SeededGenerator) -> Range<Int> {
        let start = start > 0 || bytes.isEmpty ? start : Int.random(in: 0..<bytes.count, using: &random)
        let most = Bool.random(using: &random) ? 8 : 512
        return start..<min(bytes.count, start + Int.random(in: 0...most, using: &random))
    }

    /// Makes the next number another one, often its neighbour: lengths that are not quite right.
    private func changeNumber(_ bytes: inout [UInt8], from place: Int, _ random: inout SeededGenerator) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let start = bytes[place...].firstIndex(where: digits.contains) else { return }
        let end = bytes[start...].firstIndex { !digits.contains($0) } ?? bytes.count
        let old = Int(String(decoding: bytes[start..<end], as: UTF8.self)) ?? 0
        let neighbour = old.addingReportingOverflow([-1, 1, 2].randomElement(using: &random) ?? 1).partialValue
        let number = Bool.random(using: &random) ? "\(neighbour)" : Self.numbers.randomElement(using: &random) ?? "0"
        bytes.replaceSubrange(start..<end, with: Array(number.utf8))
    }
}
