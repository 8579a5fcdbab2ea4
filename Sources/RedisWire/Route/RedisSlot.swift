// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The slot of a cluster in which a key lies.
package struct RedisSlot: Sendable, Hashable {
    /// How many slots a cluster has.
    package static let count = 16_384

    /// The number of the slot, from 0.
    package let number: Int

    /// Makes the slot of a key: the CRC16 (XMODEM) of its tag.
    package init(of key: String) {
        let sum = Self.tag(of: key).utf8.reduce(UInt16(0)) { sum, byte in
            sum << 8 ^ Self.table[Int(sum >> 8 ^ UInt16(byte))]
        }
        number = Int(sum) % Self.count
    }

    /// Returns what decides the slot of a key: its first tag if that is not empty, else the whole key.
    package static func tag(of key: String) -> Substring {
        let bytes = key.utf8
        guard let open = bytes.firstIndex(of: UInt8(ascii: "{")) else { return key[...] }
        let start = bytes.index(after: open)
        guard let close = bytes[start...].firstIndex(of: UInt8(ascii: "}")), close > start else { return key[...] }
        return key[start..<close]
    }

    /// The sum of each byte in front of eight zeros.
    private static let table: [UInt16] = (0..<256).map { byte in
        (0..<8).reduce(UInt16(byte) << 8) { sum, _ in sum & 0x8000 == 0 ? sum << 1 : sum << 1 ^ 0x1021 }
    }
}
