// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What the beginning of a value that has not come whole says about the rest.
enum UnfinishedValue {
    /// The length that a text announces: digits and a line end. Every other kind of value is whole with its line end,
    /// so digits alone tell nothing: `1700000000000\r` may be an integer that lacks a byte.
    ///
    /// `rest` begins behind the type byte, which hiredis has taken already.
    static func announcedLength(_ rest: UnsafeRawBufferPointer) -> Int? {
        var length = 0
        for (position, byte) in rest.prefix(22).enumerated() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let (product, overflow) = length.multipliedReportingOverflow(by: 10)
                length = overflow ? .max : product.addingSaturating(Int(byte - UInt8(ascii: "0")))
            case UInt8(ascii: "\r"):
                let isWhole = position + 1 < rest.count && rest[position + 1] == UInt8(ascii: "\n")
                return position > 0 && isWhole ? length : nil
            default:
                return nil
            }
        }
        return nil
    }
}

extension Int {
    fileprivate func addingSaturating(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
