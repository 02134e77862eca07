namespace SnapshotGrains;

/// <summary>Answer of <c>POST /v1/keys/rotate</c> and <c>POST /v1/keys/{name}/rotate</c>.</summary>
/// <param name="Rewrapped">Keys whose envelope is new; those under the current key-encryption key stay as they are.
/// </param>
public sealed record KeyRotation(int Rewrapped);
