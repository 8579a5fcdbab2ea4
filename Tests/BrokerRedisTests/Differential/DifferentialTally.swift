// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What runs did.
struct DifferentialTally: CustomStringConvertible {
    /// How many sequences were run, drains included.
    var sequences = 0
    /// How many calls were made and compared.
    var calls = 0
    /// How many messages were given.
    var given = 0
    /// How often `receive` gave what the model would have given, too.
    var sameChoices = 0
    /// How often it made another choice.
    var otherChoices = 0

    static func += (left: inout DifferentialTally, right: DifferentialTally) {
        left.sequences += right.sequences
        left.calls += right.calls
        left.given += right.given
        left.sameChoices += right.sameChoices
        left.otherChoices += right.otherChoices
    }

    var description: String {
        "sequences \(sequences), calls \(calls), messages given \(given), "
            + "choices the model's \(sameChoices), others \(otherChoices)"
    }
}
