using System.Runtime.InteropServices;

namespace SnapshotGrains.Storage;

/// <summary>Keeps a secret's bytes in place while they are used, whoever disposes the secret meanwhile.</summary>
internal readonly unsafe ref struct SecretUse
{
    private readonly SafeHandle _memory;

    /// <exception cref="ObjectDisposedException">The secret is gone.</exception>
    public SecretUse(SafeHandle memory, int length)
    {
        var added = false;
        memory.DangerousAddRef(ref added);
        (_memory, Length) = (memory, length);
    }

    public int Length { get; }

    public byte* Pointer => (byte*)_memory.DangerousGetHandle();

    public ReadOnlySpan<byte> Span => new(Pointer, Length);

    public void Dispose() => _memory.DangerousRelease();
}
