// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// A handler with the stream and group it is for: what a registry records.
public struct StreamHandler: Sendable {
    /// The stream or pattern.
    public let selection: StreamSelection
    /// The group whose share of the messages it handles.
    public let group: GroupName
    /// Where the handler was written, for messages about it.
    public let source: SourcePosition
    /// The streams and patterns that its outputs go to; empty for a handler whose result is not published.
    public internal(set) var destinations: [StreamSelection] = []
    /// How many messages a batch may have; `nil` for a handler that takes one at a time.
    let batchSize: Int?
    /// Makes the work of the lanes.
    let makeWork: @Sendable (Handling, MiddlewareChain) -> any LaneWork

    /// Makes a handler that takes messages as they are stored.
    ///
    /// - Parameters:
    ///   - stream: The stream or pattern that is consumed.
    ///   - group: The group whose share of the messages it handles.
    ///   - file: Where the handler is written, for messages about it.
    ///   - line: The line in that file.
    ///   - handler: Handles a delivery. Returning acknowledges, throwing asks for a retry.
    public init(
        _ stream: String, group: GroupName, file: String = #filePath, line: Int = #line,
        handler: @escaping DeliveryHandler
    ) {
        selection = StreamSelection(stream)
        self.group = group
        source = SourcePosition(file: file, line: line, column: 1)
        batchSize = nil
        makeWork = { handling, middleware in
            SingleWork(handling: handling, handler: middleware.wrap(handler))
        }
    }

    /// Makes a handler that takes values; a body that cannot be decoded becomes a dead letter at once.
    ///
    /// - Parameters:
    ///   - stream: The stream or pattern that is consumed.
    ///   - group: The group whose share of the messages it handles.
    ///   - type: The type of the values.
    ///   - codec: Decodes the bodies.
    ///   - file: Where the handler is written, for messages about it.
    ///   - line: The line in that file.
    ///   - handler: Handles a value. Returning acknowledges, throwing asks for a retry.
    public init<Value: Decodable & Sendable>(
        _ stream: String, group: GroupName, as type: Value.Type, codec: any MessageCodec, file: String = #filePath,
        line: Int = #line, handler: @escaping @Sendable (Value, Delivery) async throws -> Void
    ) {
        self.init(stream, group: group, file: file, line: line) { delivery in
            try await handler(try delivery.decode(type, with: codec), delivery)
        }
    }

    /// Makes a handler that takes batches of messages as they are stored.
    ///
    /// - Parameters:
    ///   - stream: The stream or pattern that is consumed.
    ///   - group: The group whose share of the messages it handles.
    ///   - size: How large a batch may become and how long it may wait for that.
    ///   - file: Where the handler is written, for messages about it.
    ///   - line: The line in that file.
    ///   - handler: Handles a batch. Returning acknowledges what is not settled singly, throwing retries that.
    public init(
        _ stream: String, group: GroupName, batch size: BatchSize, file: String = #filePath, line: Int = #line,
        handler: @escaping BatchHandler
    ) {
        self.init(stream, group, size, file, line, admit: { $0 }, handler: handler)
    }

    /// Makes a handler that takes batches of values; a body that cannot be decoded becomes a dead letter and is in no
    /// batch.
    ///
    /// - Parameters:
    ///   - stream: The stream or pattern that is consumed.
    ///   - group: The group whose share of the messages it handles.
    ///   - size: How large a batch may become and how long it may wait for that.
    ///   - type: The type of the values.
    ///   - codec: Decodes the bodies.
    ///   - file: Where the handler is written, for messages about it.
    ///   - line: The line in that file.
    ///   - handler: Handles a batch. Returning acknowledges what is not settled singly, throwing retries that.
    public init<Value: Decodable & Sendable>(
        _ stream: String, group: GroupName, batch size: BatchSize, as type: Value.Type, codec: any MessageCodec,
        file: String = #filePath, line: Int = #line,
        handler: @escaping @Sendable ([(value: Value, delivery: Delivery)]) async throws -> Void
    ) {
        self.init(
            stream, group, size, file, line, admit: { (value: try $0.decode(type, with: codec), delivery: $0) },
            handler: handler)
    }

    private init<Item: Sendable>(
        _ stream: String, _ group: GroupName, _ size: BatchSize, _ file: String, _ line: Int,
        admit: @escaping @Sendable (Delivery) throws -> Item, handler: @escaping @Sendable ([Item]) async throws -> Void
    ) {
        selection = StreamSelection(stream)
        self.group = group
        source = SourcePosition(file: file, line: line, column: 1)
        batchSize = size.limit
        makeWork = { handling, middleware in
            BatchWork(handling: handling, size: size, middleware: middleware, admit: admit, handler: handler)
        }
    }
}

/// Handles one delivery: returning acknowledges, throwing asks for a retry.
public typealias DeliveryHandler = @Sendable (Delivery) async throws -> Void

/// Handles a batch of deliveries: returning acknowledges all that are not settled singly, throwing retries those.
public typealias BatchHandler = @Sendable ([Delivery]) async throws -> Void

/// How large a batch may become and how long it may wait for that.
public struct BatchSize: Sendable, Hashable {
    /// The most messages of a batch: 1 to ``maximumLimit``.
    public let limit: Int
    /// How long the first message of a batch waits for others; not negative.
    public let window: Duration

    /// A consumer makes room for a batch in each of its lanes, so that a batch has to be bounded.
    public static let maximumLimit = 10_000

    /// A batch that is handled when it is full or when its time is over. Values out of bounds are clamped.
    ///
    /// - Parameters:
    ///   - limit: The most messages of a batch.
    ///   - window: How long the first message waits for others.
    /// - Returns: A size within 1 to ``maximumLimit`` and without a negative wait.
    public static func upTo(_ limit: Int, within window: Duration) -> BatchSize {
        BatchSize(limit: min(max(1, limit), maximumLimit), window: max(window, .zero))
    }
}

/// The body as a value.
extension Delivery {
    /// Returns the value of the body, decoded by the registry's codec: for a handler that looks at the message first.
    ///
    /// - Parameter type: The type of the value.
    /// - Throws: An error that says by type and place what is wrong, and shows nothing of the bytes. If it leaves the
    ///   handler, the message becomes a dead letter at once (`undecodable`).
    public func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try decode(type, with: consumer.router.codec)
    }

    /// Returns the value of the body, decoded by a codec.
    ///
    /// - Parameters:
    ///   - type: The type of the value.
    ///   - codec: The codec.
    /// - Throws: What ``decode(_:)`` throws.
    public func decode<Value: Decodable>(_ type: Value.Type, with codec: any MessageCodec) throws -> Value {
        do {
            return try codec.decode(type, from: message.payload)
        } catch {
            if let missingBody { throw Undecodable(reason: missingBody) }
            throw Undecodable(type, error, Self.summary(error))
        }
    }

    private static func summary(_ error: any Error) -> String {
        if let error = error as? BrokerError { return error.message }
        guard let error = error as? DecodingError else { return "\(Swift.type(of: error))" }
        return switch error {
        case .typeMismatch(let type, let context): "expected \(type) at \(place(context))"
        case .valueNotFound(let type, let context): "no \(type) at \(place(context))"
        case .keyNotFound(let key, let context): "no key '\(key.stringValue)' at \(place(context))"
        case .dataCorrupted(let context): "damaged data at \(place(context))"
        @unknown default: "undecodable"
        }
    }

    private static func place(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
        return path.isEmpty ? "the top" : path.joined(separator: ".")
    }
}

extension Undecodable {
    /// Makes the error for a body that is no `type`; `words` tell what is wrong with it.
    fileprivate init(_ type: Any.Type, _ error: any Error, _ words: String) {
        let reason = "the body is no \(type): \(words)"
        let errorType = Self.name(of: error)
        let isOwn = error is BrokerError
        self.init(
            reason: reason, summary: isOwn ? reason : "the body is no \(type) (\(errorType))", errorType: errorType)
    }

    /// The type of an error; that of a decoder with its case.
    private static func name(of error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(Swift.type(of: error))" }
        return switch error {
        case .typeMismatch: "DecodingError.typeMismatch"
        case .valueNotFound: "DecodingError.valueNotFound"
        case .keyNotFound: "DecodingError.keyNotFound"
        case .dataCorrupted: "DecodingError.dataCorrupted"
        @unknown default: "DecodingError"
        }
    }
}
