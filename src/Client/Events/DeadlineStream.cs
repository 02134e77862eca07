namespace SnapshotGrains.Client;

/// <summary>A response's body that does not stay silent for longer than it may, and whose faults are typed.</summary>
/// <param name="body">The body.</param>
/// <param name="server">Who sends it, for messages.</param>
/// <param name="timeout">Longest silence.</param>
/// <param name="time">The clock.</param>
internal sealed class DeadlineStream(Stream body, Uri? server, TimeSpan timeout, TimeProvider time) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>: nothing came in time, or
    /// the connection was lost.</exception>
    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await body.ReadAsync(buffer, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw Lost($"nothing came for {timeout.TotalSeconds:0} seconds", error);
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            throw Lost(error.Message, error);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
        }

        base.Dispose(disposing);
    }

    private SnapshotGrainsException Lost(string why, Exception error) => new(
        ErrorCode.SiloUnavailable, $"The answer of {server} broke off: {why}; try again.", error);
}
