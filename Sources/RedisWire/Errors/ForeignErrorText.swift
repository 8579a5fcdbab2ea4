// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// What the errors of other libraries say, without the dumps of types and calls that their descriptions have.
package enum ForeignErrorText {
    /// Returns the cause of an error in one line.
    package static func cause(of error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            cause(of: error.connectionErrors.last?.error ?? error.dnsAError ?? error.dnsAAAAError ?? NoAddress())
        case let error as IOError: systemText(of: error)
        default: sslReason(in: "\(error)") ?? oneLine("\(error)")
        }
    }

    /// Returns the system's own words. NIO puts the call in front, and the number and a bracket behind.
    private static func systemText(of error: IOError) -> String {
        let text = error.description
        let end = text.firstRange(of: " (errno")?.lowerBound ?? text.endIndex
        var words = text[..<end]
        if words.hasSuffix(")") { words = words.dropLast() }
        while let colon = words.firstRange(of: ": ") { words = words[colon.upperBound...] }
        return oneLine(String(words))
    }

    /// Returns the reason in a dump of BoringSSL's errors, as OpenSSL names it (`CERTIFICATE_VERIFY_FAILED`), or in
    /// NIOSSL's words.
    private static func sslReason(in text: String) -> String? {
        if let origin = text.firstRange(of: "OPENSSL_internal:") {
            return String(text[origin.upperBound...].prefix { $0.isUppercase || $0.isNumber || $0 == "_" })
        }
        guard let origin = text.firstRange(of: "[Error: ") else { return nil }
        return String(text[origin.upperBound...].drop { $0.isNumber || $0 == " " }.prefix { $0 != "]" && $0 != "," })
    }

    private static func oneLine(_ text: String) -> String {
        String(text.prefix(300).map { $0.isNewline ? " " : $0 })
    }

    private struct NoAddress: Error, CustomStringConvertible {
        var description: String { "the host has no address" }
    }
}

extension Duration {
    /// The duration for a sentence, rounded: `850 ms`, `1.6 s`, `30 s`.
    var inWords: String {
        let milliseconds = Int(max(0, min((self / .milliseconds(1)).rounded(), 1e15)))
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        let tenths = (milliseconds + 50) / 100
        let isWhole = tenths >= 100 || tenths % 10 == 0
        return isWhole ? "\((tenths + 5) / 10) s" : "\(tenths / 10).\(tenths % 10) s"
    }
}
