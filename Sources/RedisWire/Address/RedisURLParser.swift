// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Reads one URL, piece by piece.
struct RedisURLParser {
    /// The databases of a server with the default configuration.
    static let databases = 0...15

    private let text: String

    init(_ text: String) {
        self.text = text
    }

    func parse() throws(RedisError) -> RedisURL {
        guard let mark = text.firstRange(of: "://") else {
            throw refused("it begins with redis://, rediss:// or unix://")
        }
        let rest = text[mark.upperBound...]
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw refused("it holds a character that must be percent-encoded, a space for instance")
        }
        if rest.contains("#") { throw refused("'#' in a user or password is written %23, and there are no fragments") }
        switch text[..<mark.lowerBound] {
        case "redis": return try server(rest, isEncrypted: false)
        case "rediss": return try server(rest, isEncrypted: true)
        case "unix": return try socket(rest)
        default: throw refused("it begins with redis://, rediss:// or unix://")
        }
    }

    // MARK: Hosts and sockets

    private func server(_ rest: Substring, isEncrypted: Bool) throws(RedisError) -> RedisURL {
        if rest.contains("?") { throw refused("redis:// and rediss:// take no '?' options; use keys beside 'url'") }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let (user, place) = try split(rest[..<slash])
        var url = RedisURL(address: try hostAndPort(place))
        url.isEncrypted = isEncrypted
        try addUser(user, to: &url)
        let path = rest[slash...].dropFirst()
        if !path.isEmpty { url.database = try database(path) }
        return url
    }

    private func socket(_ rest: Substring) throws(RedisError) -> RedisURL {
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let (user, place) = try split(rest[..<slash])
        guard place.isEmpty else { throw refused("a socket's path is absolute: unix:///path/of/socket") }
        let question = rest[slash...].firstIndex(of: "?") ?? rest.endIndex
        let path = try decoded(rest[slash..<question])
        guard path.count > 1, !path.utf8.contains(0) else { throw refused("the path of the socket is missing") }
        // The limit of the kernel, with the zero at the end: 108 bytes on Linux, 104 on macOS.
        guard path.utf8.count < 104 else { throw refused("the path of the socket is longer than 103 bytes") }
        var url = RedisURL(address: .socket(path: path))
        try addUser(user, to: &url)
        let query = rest[question...].dropFirst()
        if query.hasPrefix("db=") {
            url.database = try database(query.dropFirst(3))
        } else if !query.isEmpty {
            throw refused("the only option of a unix:// URL is 'db'")
        }
        return url
    }

    // MARK: The pieces

    private func split(_ authority: Substring) throws(RedisError) -> (user: Substring?, place: Substring) {
        guard let at = authority.lastIndex(of: "@") else {
            if text.contains("@") { throw refused("'/' and '?' in a user or password are written %2F and %3F") }
            return (nil, authority)
        }
        let user = authority[..<at]
        if user.contains("@") { throw refused("'@' in a user or password is written %40") }
        return (user, authority[authority.index(after: at)...])
    }

    private func addUser(_ user: Substring?, to url: inout RedisURL) throws(RedisError) {
        guard let user else { return }
        let parts = user.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = try decoded(parts[0])
        if !name.isEmpty { url.username = name }
        if parts.count > 1 {
            let password = try decoded(parts[1])
            if password.isEmpty { throw refused("the password is empty") }
            url.password = RedisPassword(password)
        }
        if url.username == nil, url.password == nil {
            throw refused("there is neither a user nor a password before '@'")
        }
    }

    private func hostAndPort(_ place: Substring) throws(RedisError) -> RedisURL.Address {
        let (host, rest) = try host(place)
        guard let colon = rest.first else { return .host(host, port: 6379) }
        guard colon == ":" else { throw refused("behind the host comes ':' and the port") }
        let digits = rest.dropFirst()
        guard digits.allSatisfy(\.isASCIIDigit), let port = Int(digits), (1...65535).contains(port) else {
            throw refused("the port is a number from 1 to 65535")
        }
        return .host(host, port: port)
    }

    private func host(_ place: Substring) throws(RedisError) -> (String, Substring) {
        if place.first == "[" {
            guard let close = place.firstIndex(of: "]") else { throw refused("']' is missing behind the address") }
            let host = place[place.index(after: place.startIndex)..<close]
            guard host.contains(":"), host.allSatisfy({ $0.isHexDigit || ":.%".contains($0) }) else {
                throw refused("between '[' and ']' stands an IPv6 address")
            }
            return (String(host), place[place.index(after: close)...])
        }
        let end = place.firstIndex(of: ":") ?? place.endIndex
        let host = place[..<end]
        if host.isEmpty { throw refused("the host is missing") }
        guard host.utf8.count <= 253, host.allSatisfy(\.isHostCharacter) else {
            throw refused("a host has letters, digits, '.', '-' and '_'; an IPv6 address stands in '[' and ']'")
        }
        return (String(host), place[end...])
    }

    private func database(_ digits: Substring) throws(RedisError) -> Int {
        guard digits.allSatisfy(\.isASCIIDigit), let number = Int(digits), Self.databases.contains(number) else {
            throw refused("the database is a number from 0 to 15")
        }
        return number
    }

    private func decoded(_ part: Substring) throws(RedisError) -> String {
        var bytes: [UInt8] = []
        var rest = part.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                let value = UInt8(String(Substring(digits)), radix: 16)
            else { throw refused("behind '%' come two hexadecimal digits; '%' itself is written %25") }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw refused("a percent-encoded part is not UTF-8")
        }
        return text
    }

    // MARK: Errors

    private func refused(_ reason: String) -> RedisError {
        RedisError(.configuration, "'\(shown)' is no URL of a Redis server: \(reason)")
    }

    /// The scheme, if it is a known one. Everything else may contain a secret in the wrong place.
    private var shown: String {
        guard let mark = text.firstRange(of: "://") else { return RedisPassword.redacted }
        let scheme = text[..<mark.lowerBound]
        guard ["redis", "rediss", "unix"].contains(scheme) else { return RedisPassword.redacted }
        return "\(scheme)://\(RedisPassword.redacted)"
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
    fileprivate var isHostCharacter: Bool { isASCII && (isLetter || isNumber || "._-".contains(self)) }
}
