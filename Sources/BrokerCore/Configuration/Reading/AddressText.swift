// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Decides which addresses may be shown: those that consist of a scheme, hosts, ports and a number or a name.
///
/// Anything else may be a secret. It works on bytes, since every line of a file is checked.
enum AddressText {
    private static let mark = Array("://".utf8)
    private static let localSchemes = ["unix", "file"].map { Array($0.utf8) }
    private static let sentinels = Array("+sentinel".utf8)
    private static let cluster = Array("+cluster".utf8)
    private static let keys = ["url", "uri", "dsn"].map { Array($0.utf8) }

    /// Returns whether the value of a key may not be shown. A value with `://` may be shown if it is a plain address;
    /// the value of a key such as `url` must have a `://`.
    static func isDoubtful(_ value: [UInt8], of key: [UInt8]) -> Bool {
        let places = places(in: value)
        if places.isEmpty { return keys.contains { key.ends(with: $0) } }
        return !places.allSatisfy { $0.rest?.isEmpty == true }
    }

    /// Returns whether a line of a file may not be shown. After a plain address, only the end of the value may follow.
    static func isDoubtful(line: [UInt8]) -> Bool {
        let places = places(in: line)
        if places.isEmpty { return lacksAddress(line) }
        return !places.allSatisfy { place in
            let quotes = line[..<place.start].count { isQuote($0) }
            return place.rest.map { isEnd($0, isQuoted: quotes % 2 == 1) } ?? false
        }
    }

    /// Finds each `://` and what follows its address; `nil` if it is no plain address.
    private static func places(in text: [UInt8]) -> [(start: Int, rest: ArraySlice<UInt8>?)] {
        text.indices.filter { text[$0] == mark[0] && text[$0...].starts(with: mark) }.map { start in
            let rest = text[(start + mark.count)...]
            return (start, restBehindPlace(rest, scheme: text[..<start]))
        }
    }

    private static func restBehindPlace(_ text: ArraySlice<UInt8>, scheme: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        if localSchemes.contains(where: scheme.ends) { return restBehindPath(text) }
        if scheme.ends(with: sentinels) { return restBehindHosts(text).map(restBehindName).map(restBehindNumber) }
        return (scheme.ends(with: cluster) ? restBehindHosts(text) : restBehindHost(text)).map(restBehindNumber)
    }

    /// `/run/redis.sock?db=1`
    private static func restBehindPath(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard text.first == UInt8(ascii: "/") else { return nil }
        let rest = text.drop { isHost($0) || $0 == UInt8(ascii: "/") }
        return rest.starts(with: "?db=".utf8) ? rest.dropFirst(4).drop(while: isDigit) : rest
    }

    /// `host:6379,host`
    private static func restBehindHosts(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard var rest = restBehindHost(text) else { return nil }
        while rest.first == UInt8(ascii: ","),
            rest.dropFirst().first.map({ isHost($0) || $0 == UInt8(ascii: "[") }) == true
        {
            guard let next = restBehindHost(rest.dropFirst()) else { return nil }
            rest = next
        }
        return rest
    }

    /// `/shop`
    private static func restBehindName(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        text.first == UInt8(ascii: "/") ? text.dropFirst().drop(while: isHost) : text
    }

    /// `host:6379` or `[::1]:6379`
    private static func restBehindHost(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var rest = text.first == UInt8(ascii: "[") ? text.drop(while: isNumeric) : text.drop(while: isHost)
        guard rest.startIndex > text.startIndex else { return nil }
        if rest.first == UInt8(ascii: ":") {
            let port = rest.dropFirst().prefix(while: isDigit)
            guard (1...5).contains(port.count) else { return nil }
            rest = rest[port.endIndex...]
        }
        return rest
    }

    /// `/0`
    private static func restBehindNumber(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        text.first == UInt8(ascii: "/") ? text.dropFirst().drop(while: isDigit) : text
    }

    /// Returns whether a value ends here in YAML: with its quotes and brackets, a comment, or another key.
    private static func isEnd(_ text: ArraySlice<UInt8>, isQuoted: Bool) -> Bool {
        let closing = text.prefix { isQuote($0) || " \t\r}])".utf8.contains($0) }
        let rest = text[closing.endIndex...]
        guard let next = rest.first else { return true }
        guard !isQuoted || closing.contains(where: isQuote) else { return false }
        if next == UInt8(ascii: "#") { return closing.last == UInt8(ascii: " ") }
        guard next == UInt8(ascii: ",") else { return false }
        let key = rest.dropFirst().drop { isQuote($0) || $0 == UInt8(ascii: " ") }
        return key.drop { isHost($0) || isQuote($0) }.starts(with: ": ".utf8)
    }

    /// Returns whether a line has another value for a key that takes an address: it may be one without its scheme.
    private static func lacksAddress(_ line: [UInt8]) -> Bool {
        for start in line.indices where keys.contains(where: { line[start...].starts(with: $0) }) {
            let value = line[(start + 3)...].drop(while: isQuote)
            guard value.first == UInt8(ascii: ":"), start == 0 || !isWord(line[start - 1]) else { continue }
            return !isVariable(value.dropFirst().drop { isQuote($0) || $0 == UInt8(ascii: " ") })
        }
        return false
    }

    /// Returns whether a value comes from a variable: `${NAME}` or `${NAME:?message}`, without a default.
    private static func isVariable(_ value: ArraySlice<UInt8>) -> Bool {
        guard value.starts(with: "${".utf8) else { return false }
        let rest = value.dropFirst(2).drop(while: isHost)
        return rest.first == UInt8(ascii: "}") || rest.starts(with: ":?".utf8)
    }

    private static func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }
    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    private static func isWord(_ byte: UInt8) -> Bool { isDigit(byte) || (97...122).contains(byte | 0x20) }
    private static func isHost(_ byte: UInt8) -> Bool { isWord(byte) || "._-".utf8.contains(byte) }

    /// The characters of a numeric address between `[` and `]`.
    private static func isNumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || (97...102).contains(byte | 0x20) || "[]:.".utf8.contains(byte)
    }
}

extension Collection<UInt8> {
    fileprivate func ends(with other: [UInt8]) -> Bool {
        count >= other.count && dropFirst(count - other.count).elementsEqual(other)
    }
}
