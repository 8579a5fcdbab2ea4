// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What is sent; nobody but the postman may read it.
struct Letter: Codable, Sendable {
    let number: Int
    let grams: Int
    var cents: Int?
    let text: String

    static func make(number: Int) -> Letter {
        Letter(number: number, grams: 10 + number * 7 % 90, text: "Dear reader of letter \(number), …")
    }
}

/// What the scale is asked.
struct Weight: Codable, Sendable {
    let letter: Int
    let grams: Int
}

/// What the scale replies.
struct Postage: Codable, Sendable {
    let cents: Int
}
