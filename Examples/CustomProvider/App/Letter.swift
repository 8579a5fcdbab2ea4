// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What is printed and archived.
struct Letter: Codable, Sendable {
    /// The one that nobody can read.
    static let illegibleNumber = 7

    let number: Int
}

/// Why a letter could not be printed this time.
enum LetterProblem: Error {
    case printerIsJammed
}
