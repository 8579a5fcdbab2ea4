// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// Makes the outputs of a message.
public typealias OutputMaker = @Sendable (Delivery) async throws -> [StreamOutput]

/// Handlers that return what is published.
extension StreamHandler {
    /// Makes a handler whose outputs are published in place of its message.
    ///
    /// - Parameters:
    ///   - stream: The stream or pattern to consume.
    ///   - group: The group whose share of the messages it handles.
    ///   - destinations: The streams and patterns that outputs may go to; checked when the registry runs.
    ///   - makeOutputs: Returns the outputs; none is an ack. An error is handled like that of every handler.
    public init(
        _ stream: String, group: GroupName, to destinations: [String], file: String = #filePath, line: Int = #line,
        makeOutputs: @escaping OutputMaker
    ) {
        let selections = destinations.map { StreamSelection($0) }
        self.init(stream, group: group, file: file, line: line) { delivery in
            let outputs = try await makeOutputs(delivery)
            for output in outputs where !selections.contains(where: { $0.matches(output.stream) }) {
                throw BrokerError(.undeclaredStream, "the connection does not lead to '\(output.stream)'")
            }
            // Without outputs the closure may have settled the delivery itself.
            if !outputs.isEmpty { try await delivery.forward(outputs) }
        }
        self.destinations = selections
    }

    /// Makes a handler of values whose outputs are published in place of its message. A message whose body cannot be
    /// decoded becomes a dead letter at once.
    public init<Value: Decodable & Sendable>(
        _ stream: String, group: GroupName, to destinations: [String], as type: Value.Type, codec: any MessageCodec,
        file: String = #filePath, line: Int = #line,
        makeOutputs: @escaping @Sendable (Value, Delivery) async throws -> [StreamOutput]
    ) {
        self.init(stream, group: group, to: destinations, file: file, line: line) { delivery in
            try await makeOutputs(try delivery.decode(type, with: codec), delivery)
        }
    }
}
