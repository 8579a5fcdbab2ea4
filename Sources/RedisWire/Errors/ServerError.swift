// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// An error that the server answered.
package struct ServerError: Sendable, Hashable {
    /// The longest text that is kept, in characters.
    private static let bound = 300

    /// The server's text in one line, without what it repeats of the command's arguments.
    package let text: String
    /// What to do about it.
    package let reaction: ServerReaction
    /// Whether it was raised inside a running script, which may have written before.
    package let isInsideScript: Bool

    /// Reads the text of an error reply, without the leading `-`.
    package init(_ text: String) {
        // "ERR unknown command 'AUTH', with args beginning with: 'secret'": arguments never reach a log.
        let shown = text.firstRange(of: ", with args beginning with").map { text[..<$0.lowerBound] } ?? text[...]
        self.text = String(String.UnicodeScalarView(shown.unicodeScalars.prefix(Self.bound).map { $0.inOneLine }))
        reaction = ServerReaction.reaction(to: text)
        isInsideScript = text.contains("user_script")
    }
}

extension Unicode.Scalar {
    /// The scalar, or a space in place of a control character.
    fileprivate var inOneLine: Unicode.Scalar { properties.generalCategory == .control ? " " : self }
}

extension ServerError: CustomStringConvertible, CustomDebugStringConvertible {
    /// The text.
    package var description: String { text }

    /// The text.
    package var debugDescription: String { text }
}
