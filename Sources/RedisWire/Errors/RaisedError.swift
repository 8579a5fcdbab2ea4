// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// An error that a script raised, as Redis 6.2 words it.
///
/// Newer servers leave the code in front and say the place behind. 6.2 puts everything it knows in front of the cause:
/// `ERR Error running script (call to f_…): @user_script:12: @user_script: 12: -OOM command not allowed …`.
enum RaisedError {
    private static let beginning = "ERR Error running script"
    private static let place = "user_script:"

    /// What was raised, with its code in front; `nil` for any other error.
    static func cause(of text: some StringProtocol) -> String? {
        guard text.hasPrefix(beginning) else { return nil }
        var cause = Substring(text)
        var isInside = false
        while let range = cause.firstRange(of: place) {
            isInside = true
            cause = cause[range.upperBound...].drop { " 0123456789:".contains($0) }
        }
        guard isInside else { return nil }
        if cause.hasPrefix("-") { cause = cause.dropFirst() }
        let code = cause.prefix { $0.isUppercase }
        return code.count > 1 && cause.dropFirst(code.count).hasPrefix(" ") ? String(cause) : "ERR \(cause)"
    }
}
