// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A broken promise, with the input that broke it.
package struct FuzzFinding: Error, CustomStringConvertible {
    /// Which promise.
    package let promise: String
    /// What was seen instead.
    package let seen: String

    init(_ promise: String, _ seen: String = "") {
        self.promise = promise
        self.seen = seen
    }

    /// The promise and what was seen.
    package var description: String { seen.isEmpty ? promise : "\(promise): \(seen)" }
}

/// Throws unless a promise holds.
func hold(_ promise: String, _ isHeld: Bool, _ seen: @autoclosure () -> String = "") throws(FuzzFinding) {
    if !isHeld { throw FuzzFinding(promise, seen()) }
}

extension String {
    /// The text without its numbers and names, which tell inputs apart and not outcomes.
    var outline: String {
        var outline = ""
        var isQuoted = false
        for character in self {
            if character == "'" { isQuoted.toggle() }
            if !isQuoted, !character.isNumber { outline.append(character) }
        }
        return outline
    }
}
