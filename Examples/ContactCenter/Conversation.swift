// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// What a customer asks, as it comes in.
struct Inquiry: Codable, Sendable {
    let number: Int
    let customer: String
    let text: String
}

/// An inquiry that has been understood.
struct Ticket: Codable, Sendable {
    let number: Int
    let customer: String
    let topic: Topic
}

/// What was answered, by whom.
struct Answer: Codable, Sendable {
    let number: Int
    let topic: Topic
    let isEscalated: Bool
}

/// What an inquiry is about; each topic has a desk, and the desk a stream.
enum Topic: String, Codable, Sendable, CaseIterable {
    case billing, technical, retention

    var stream: StreamName { StreamName(rawValue) }
}

extension Inquiry {
    /// The streams that inquiries come in by.
    static let regions: [StreamName] = ["intake.americas", "intake.asia", "intake.europe"]

    private static let customers = ["ada", "grace", "edsger", "barbara", "tony"]
    private static let texts = [
        "my invoice is wrong", "the teapot does not boil", "I want to cancel", "what is this charge",
        "the lid is stuck",
    ]

    static func make(number: Int) -> Inquiry {
        Inquiry(
            number: number, customer: customers[number % customers.count], text: texts[number % texts.count])
    }

    /// What the text is about; stands for a model that would be asked.
    var topic: Topic {
        if text.contains("cancel") { return .retention }
        return text.contains("invoice") || text.contains("charge") ? .billing : .technical
    }
}

extension Ticket {
    /// Whether the desk cannot answer it.
    var isHard: Bool { number.isMultiple(of: 4) }

    /// Whether the first supervisor who is asked does not answer.
    var isForgotten: Bool { number.isMultiple(of: 12) }
}
