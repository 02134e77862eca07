namespace SnapshotGrains.Images;

/// <summary>A read's part of a request that several share.</summary>
internal sealed record GatheredPart(GatheredRead Request, ScatterPart Part)
{
    /// <summary>Waits for its bytes; who gives up gives up no more than his part.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((GatheredPart)state!).GiveUp(token), this);
        try
        {
            await Part.End.ConfigureAwait(false);
        }
        finally
        {
            Request.Left();
        }
    }

    private void GiveUp(CancellationToken cancellationToken)
    {
        // One that is being filled comes to its end soon: bytes that stop to come are an error by themselves.
        if (Part.TryGiveUp())
        {
            Part.Fail(new OperationCanceledException(cancellationToken));
        }
    }
}
