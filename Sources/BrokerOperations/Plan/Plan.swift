// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a change would do, before it is done.
///
/// Whoever carries a change out shows its plan first. A plan says what it was when it was made: the change itself looks
/// again, so that what was done meanwhile is not done twice.
public struct Plan: Sendable, Hashable, Codable {
    /// How much can go wrong by mistake, and so how somebody is asked.
    public enum Severity: String, Sendable, Hashable, Codable {
        /// Nothing is lost, and another command undoes it. Nobody is asked.
        case mild
        /// Messages may be handled again or later. A person is asked `y/N`.
        case moderate
        /// Something is lost for good. A person types the name.
        case severe
    }

    /// One thing that is done.
    public struct Step: Sendable, Hashable, Codable {
        /// What is done, as a verb: `create`, `remove`.
        public var action: String
        /// What it is done to: `orders/billing`.
        public var target: String
        /// How many entries it touches; `null` if that is unknown or none are.
        @OrNull public var entries: Int?

        /// Makes a step.
        public init(_ action: String, _ target: String, entries: Int? = nil) {
            self.action = action
            self.target = target
            self.entries = entries
        }
    }

    /// The version of this form.
    public var schemaVersion = 1
    /// What is done, in one sentence: `remove 12 entries of 'orders'`.
    public var summary: String
    /// What is done, in order; empty if there is nothing to do.
    public var steps: [Step]
    /// How much can go wrong by mistake.
    public var severity: Severity
    /// How to undo it, in one sentence; `null` if nothing does.
    @OrNull public var undo: String?
    /// What a person types to confirm a severe change: the name of what is lost.
    public var name: String

    /// Makes a plan.
    ///
    /// - Parameters:
    ///   - summary: What is done, in one sentence.
    ///   - steps: What is done, in order.
    ///   - severity: How much can go wrong by mistake.
    ///   - name: The name of what is changed; it is typed to confirm a severe change.
    ///   - undo: How to undo it; `nil` if nothing does.
    public init(_ summary: String, steps: [Step], severity: Severity, name: String, undo: String? = nil) {
        self.summary = summary
        self.steps = steps
        self.severity = severity
        self.name = name
        self.undo = undo
    }

    /// Whether there is nothing to do.
    public var isEmpty: Bool { steps.isEmpty }
}
