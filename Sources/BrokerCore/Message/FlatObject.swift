// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The fields of an entry as one JSON object of strings, and back.
package enum FlatObject {
    /// What is wrong with a body.
    package struct Problem: Error, Hashable {
        /// The problem, for the end of a sentence. It has names, never values.
        package let text: String

        package init(_ text: String) {
            self.text = text
        }
    }

    /// Takes the fields that an object can hold out of a list, in order, and returns the object.
    ///
    /// The others stay: a further field of the same name, a value that is no UTF-8, and the framework's own fields.
    package static func take(from fields: inout [Headers.Header]) -> Payload {
        var bytes: [UInt8] = [UInt8(ascii: "{")]
        bytes.reserveCapacity(fields.reduce(2) { $0 + $1.name.utf8.count + $1.value.count + 6 })
        var names: Set<String> = []
        fields.removeAll { field in
            guard !field.name.hasPrefix(ReservedHeaders.prefix), let text = field.value.text,
                names.insert(field.name).inserted
            else { return false }
            if names.count > 1 { bytes.append(UInt8(ascii: ",")) }
            append(field.name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            append(text, to: &bytes)
            return true
        }
        bytes.append(UInt8(ascii: "}"))
        return Payload(bytes)
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        let quote = UInt8(ascii: "\"")
        bytes.append(quote)
        for byte in text.utf8 {
            switch byte {
            case quote, UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case ..<0x20:
                let digits = String(byte, radix: 16)
                bytes += Array("\\u00\(digits.count == 1 ? "0" : "")\(digits)".utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(quote)
    }

    /// Returns the fields of an object of strings, in order.
    package static func fields(of payload: Payload) throws(Problem) -> [Headers.Header] {
        var reader = FlatObjectReader(payload.bytes)
        return try reader.fields()
    }
}

extension Payload {
    /// The bytes as text; `nil` if they are no UTF-8.
    fileprivate var text: String? {
        withUnsafeBytes { String(validating: $0, as: UTF8.self) }
    }
}

/// Reads one JSON object whose values are strings (RFC 8259).
private struct FlatObjectReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func fields() throws(FlatObject.Problem) -> [Headers.Header] {
        guard take("{") else { throw FlatObject.Problem("this one is \(kind)") }
        var fields: [Headers.Header] = []
        while !(fields.isEmpty && take("}")) {
            let name = try string(or: "the name of a field")
            guard take(":") else { throw damaged("behind the name \(name.quoted)") }
            fields.append(Headers.Header(name: name, value: Payload(try value(of: name))))
            if take("}") { break }
            guard take(",") else { throw damaged("behind the value of \(name.quoted)") }
        }
        skipSpace()
        guard position == bytes.count else { throw damaged("behind its end") }
        return fields
    }

    private mutating func value(of name: String) throws(FlatObject.Problem) -> String {
        skipSpace()
        guard next == UInt8(ascii: "\"") else {
            throw FlatObject.Problem("the value of \(name.quoted) is \(kind)")
        }
        return try string(or: "the value of \(name.quoted)")
    }

    /// Returns the string that is next.
    private mutating func string(or place: String) throws(FlatObject.Problem) -> String {
        guard take("\"") else { throw damaged("where \(place) is expected") }
        var text: [UInt8] = []
        while let byte = next, byte >= 0x20 {
            position += 1
            if byte == UInt8(ascii: "\"") {
                guard let string = String(validating: text, as: UTF8.self) else { break }
                return string
            }
            if byte != UInt8(ascii: "\\") {
                text.append(byte)
            } else if let scalar = escaped() {
                text += Array(String(Character(scalar)).utf8)
            } else {
                break
            }
        }
        throw damaged("in \(place)")
    }

    /// Returns what follows a backslash; `nil` if that is nothing that JSON knows.
    private mutating func escaped() -> Unicode.Scalar? {
        guard let byte = next else { return nil }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return unit().flatMap { scalar(beginningWith: $0) }
        default: return nil
        }
    }

    /// Returns the scalar of a UTF-16 unit and, if that is the first half of a pair, of the second one behind it.
    private mutating func scalar(beginningWith high: UInt32) -> Unicode.Scalar? {
        guard (0xD800..<0xDC00).contains(high) else { return Unicode.Scalar(high) }
        guard bytes[position...].starts(with: Array("\\u".utf8)) else { return nil }
        position += 2
        guard let low = unit(), (0xDC00..<0xE000).contains(low) else { return nil }
        return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
    }

    /// Returns the value of four hexadecimal digits.
    private mutating func unit() -> UInt32? {
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        position += 4
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard let next, UInt32(next) == character.value else { return false }
        position += 1
        return true
    }

    /// What begins here, in words.
    private var kind: String {
        switch next.map({ Unicode.Scalar($0) }) {
        case nil: "empty"
        case "{": "an object"
        case "[": "a list"
        case "\"": "a string"
        case "t", "f": "true or false"
        case "n": "null"
        case "-", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9": "a number"
        default: "no JSON"
        }
    }

    private func damaged(_ place: String) -> FlatObject.Problem {
        FlatObject.Problem("it is damaged \(place)")
    }
}
