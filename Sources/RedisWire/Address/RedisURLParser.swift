// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Reads one URL, piece by piece.
struct RedisURLParser {
    /// The databases of a server with the default configuration.
    static let databases = 0...15

    private let text: String
    /// `nil` if it is none of ours.
    private let scheme: RedisScheme?

    init(_ text: String) {
        self.text = text
        scheme = text.firstRange(of: "://").flatMap { RedisScheme(rawValue: String(text[..<$0.lowerBound])) }
    }

    func parse() throws(RedisError) -> RedisURL {
        guard let mark = text.firstRange(of: "://") else { throw unknownScheme }
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw refused("it holds a character that must be percent-encoded, a space for instance")
        }
        let rest = text[mark.upperBound...]
        if rest.contains("#") { throw refused("'#' in a user or password is written %23, and there are no fragments") }
        guard let scheme else { throw unknownScheme }
        if scheme.topology == .socket { return try socket(rest) }
        if rest.contains("?") { throw refused("only unix:// takes '?' options; use keys beside 'url'") }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let (user, hosts) = try split(rest[..<slash])
        var url = try place(scheme, hosts: hosts, path: rest[slash...])
        url.isEncrypted = scheme.isEncrypted
        try addUser(user, to: &url)
        return url
    }

    // MARK: Places

    private func place(_ scheme: RedisScheme, hosts: Substring, path: Substring) throws(RedisError) -> RedisURL {
        switch scheme.topology {
        case .server, .socket: try server(hosts, scheme, path)
        case .sentinels: try sentinels(hosts, path)
        case .cluster: try cluster(hosts, path)
        }
    }

    private func server(_ host: Substring, _ scheme: RedisScheme, _ path: Substring) throws(RedisError) -> RedisURL {
        if host.contains(",") {
            let name = scheme.rawValue
            throw refused("\(name):// takes one host; several need \(name)+sentinel:// or \(name)+cluster://")
        }
        var url = RedisURL(.server(try list(host, path, defaultPort: 6379)[0]))
        if path.count > 1 { url.database = try database(path.dropFirst()) }
        return url
    }

    private func sentinels(_ hosts: Substring, _ path: Substring) throws(RedisError) -> RedisURL {
        let hosts = try list(hosts, path, defaultPort: 26379)
        let parts = path.dropFirst().split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.first ?? ""
        if name.isEmpty { throw refused("the name of the primary is missing: redis+sentinel://host,host/name") }
        guard name.allSatisfy(\.isHostCharacter) else {
            throw refused("the name of a primary has letters, digits, '.', '-' and '_'")
        }
        var url = RedisURL(.sentinels(hosts, primary: String(name)))
        if parts.count > 1, !parts[1].isEmpty { url.database = try database(parts[1]) }
        return url
    }

    private func cluster(_ hosts: Substring, _ path: Substring) throws(RedisError) -> RedisURL {
        var url = RedisURL(.cluster(seeds: try list(hosts, path, defaultPort: 6379)))
        guard path.count > 1 else { return url }
        if path != "/0" { throw refused("a cluster has database 0 only") }
        url.database = 0
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
        var url = RedisURL(.server(.socket(path: path)))
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

    private func split(_ authority: Substring) throws(RedisError) -> (user: Substring?, hosts: Substring) {
        guard let at = authority.lastIndex(of: "@") else {
            if text.contains("@") { throw refused("'/' and '?' in a user or password are written %2F and %3F") }
            return (nil, authority)
        }
        let user = authority[..<at]
        guard scheme?.hasList == true else {
            if user.contains("@") { throw refused("'@' in a user or password is written %40") }
            return (user, authority[authority.index(after: at)...])
        }
        // With a user in front of the second host, the first one would be taken for a part of it.
        for (mark, written) in [("@", "%40"), (",", "%2C")] where user.contains(mark) {
            let once = "user and password stand once, in front of the first host"
            throw refused("'\(mark)' in a user or password is written \(written), and \(once)")
        }
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

    /// Reads `host[:port],…`, at least one. Errors name a host by its number, since it may be a misplaced secret.
    private func list(
        _ text: Substring, _ path: Substring, defaultPort: Int
    ) throws(RedisError) -> [RedisAddress] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        if scheme?.hasList == true, text.last == ":", path.hasPrefix("//") {
            throw refused("host \(parts.count) is a URL; a list takes hosts and ports only, and no socket")
        }
        var addresses: [RedisAddress] = []
        for (number, part) in zip(1..., parts) {
            if part.isEmpty, parts.count > 1 { throw refused("host \(number) is missing beside ','") }
            do throws(AddressMistake) {
                addresses.append(try RedisAddress(part, defaultPort: defaultPort))
            } catch {
                throw refused(parts.count > 1 ? "host \(number): \(error.reason)" : error.reason)
            }
            let twin = addresses.firstIndex { $0.folded == addresses[number - 1].folded }
            if let twin, twin < number - 1 { throw refused("hosts \(twin + 1) and \(number) are the same") }
        }
        return addresses
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

    private var unknownScheme: RedisError {
        let schemes = RedisScheme.allCases.map { "\($0.rawValue)://" }
        return refused("it begins with \(schemes.dropLast().joined(separator: ", ")) or \(schemes.last ?? "")")
    }

    /// Only the scheme is shown, if it is a known one. Everything else may contain a secret in the wrong place.
    private func refused(_ reason: String) -> RedisError {
        let shown = scheme.map { "\($0.rawValue)://\(RedisPassword.redacted)" } ?? RedisPassword.redacted
        let kind = scheme?.topology.inWords ?? RedisScheme.Topology.server.inWords
        return RedisError(.configuration, "'\(shown)' is no URL of \(kind): \(reason)")
    }
}
