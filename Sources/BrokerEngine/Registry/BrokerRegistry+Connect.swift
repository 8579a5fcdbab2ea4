// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// Connecting streams: a message of one stream is transformed, published to others and acknowledged.
///
/// Publishing and acknowledging are one step where the provider promises it for the streams. Elsewhere the outputs are
/// stored first, so that a crash in between doubles them and loses nothing. An output belongs to the conversation of
/// its input: it keeps `sb-correlation-id`, and its `sb-causation-id` names the input.
extension BrokerRegistry {
    /// Publishes the output of each message to one stream.
    ///
    /// - Parameters:
    ///   - stream: The stream or pattern to consume.
    ///   - group: The group whose share of the messages it handles.
    ///   - destination: The stream that outputs go to, declared in the configuration.
    ///   - transform: Returns the output of a message; `nil` only acknowledges the message.
    /// - Returns: The handler's name, for ``remove(_:)``.
    @discardableResult
    public func connect(
        _ stream: String, group: GroupName, to destination: StreamName, file: String = #filePath, line: Int = #line,
        transform: @escaping @Sendable (Delivery) async throws -> Message?
    ) -> HandlerID {
        connect(stream, group: group, to: [destination.text], file: file, line: line) { delivery in
            try await transform(delivery).map { [.to(destination, $0)] } ?? []
        }
    }

    /// Publishes to `destination` the messages that the closure makes of each message, in order; none only
    /// acknowledges it.
    @discardableResult
    public func connect(
        _ stream: String, group: GroupName, to destination: StreamName, file: String = #filePath, line: Int = #line,
        transform: @escaping @Sendable (Delivery) async throws -> [Message]
    ) -> HandlerID {
        connect(stream, group: group, to: [destination.text], file: file, line: line) { delivery in
            try await transform(delivery).map { .to(destination, $0) }
        }
    }

    /// Publishes to `destination` the value that the closure makes of each value, under the input's key; `nil` only
    /// acknowledges it.
    @discardableResult
    public func connect<Input: Decodable & Sendable, Output: Encodable & Sendable>(
        _ stream: String, group: GroupName, to destination: StreamName, as type: Input.Type, file: String = #filePath,
        line: Int = #line, transform: @escaping @Sendable (Input, Delivery) async throws -> Output?
    ) -> HandlerID {
        connect(stream, group: group, to: [destination.text], as: type, file: file, line: line) { input, delivery in
            try await transform(input, delivery).map { [.to(destination, $0)] } ?? []
        }
    }

    /// Publishes what the closure makes of each message, each output to the stream it names; none only acknowledges.
    ///
    /// - Parameters:
    ///   - stream: The stream or pattern to consume.
    ///   - group: The group whose share of the messages it handles.
    ///   - destinations: The streams and patterns that outputs may go to, each declared in the configuration.
    ///   - route: Returns the outputs of a message, such as `[.to("billing", ticket)]`; none only acknowledges it.
    /// - Returns: The handler's name, for ``remove(_:)``.
    @discardableResult
    public func connect(
        _ stream: String, group: GroupName, to destinations: [String], file: String = #filePath, line: Int = #line,
        route: @escaping OutputMaker
    ) -> HandlerID {
        record(StreamHandler(stream, group: group, to: destinations, file: file, line: line, makeOutputs: route))
    }

    /// Publishes what the closure makes of each value, each output to the stream it names; none only acknowledges.
    @discardableResult
    public func connect<Input: Decodable & Sendable>(
        _ stream: String, group: GroupName, to destinations: [String], as type: Input.Type, file: String = #filePath,
        line: Int = #line, route: @escaping @Sendable (Input, Delivery) async throws -> [StreamOutput]
    ) -> HandlerID {
        record(
            StreamHandler(
                stream, group: group, to: destinations, as: type, codec: codec, file: file, line: line,
                makeOutputs: route))
    }
}
