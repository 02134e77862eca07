using System.Runtime.InteropServices;

namespace SnapshotGrains.Storage;

/// <summary>
/// Tells Linux how segment memory is used (madvise(2)). Elsewhere blocks are allocated one by one instead.
/// </summary>
internal static partial class PageAdvice
{
    public const int HugePageBytes = 2 << 20;

    private const int DontNeed = 4;
    private const int HugePage = 14;
    private const int NoHugePage = 15;
    private const int DontDump = 16;
    private const int PopulateWrite = 23;

    /// <summary>True where pages can go back to the system while their addresses stay reserved.</summary>
    public static bool CanDiscard { get; } = OperatingSystem.IsLinux();

    /// <summary>Returns the pages to the system; the next touch finds zeros.</summary>
    public static void Discard(nint address, long bytes)
    {
        if (CanDiscard && Advise(address, (nuint)bytes, DontNeed) != 0)
        {
            var code = Marshal.GetLastPInvokeError();
            throw new InvalidOperationException(
                $"madvise failed for {bytes} bytes: {Marshal.GetPInvokeErrorMessage(code)}.");
        }
    }

    /// <summary>
    /// Whether memory may come in huge pages, which take a fraction of the faults and of the processor's look-ups, and
    /// become resident as a whole; a core dump must not hold guests' data. Both are wishes: a kernel without them
    /// refuses and nothing is lost.
    /// </summary>
    public static void Prepare(nint address, long bytes, bool inHugePages)
    {
        if (CanDiscard)
        {
            _ = Advise(address, (nuint)bytes, inHugePages ? HugePage : NoHugePage);
            _ = Advise(address, (nuint)bytes, DontDump);
        }
    }

    /// <summary>
    /// The huge page around an address stays in small ones from now on: of the part that was discarded the kernel would
    /// otherwise make memory again that nobody has asked for.
    /// </summary>
    public static void KeepInSmallPages(nint address) =>
        _ = Advise(address / HugePageBytes * HugePageBytes, HugePageBytes, NoHugePage);

    /// <summary>
    /// Makes all pages at once, for a tenth of what their faults would cost one by one. A wish too: before Linux 5.14
    /// the faults come.
    /// </summary>
    public static void Populate(nint address, long bytes)
    {
        if (CanDiscard)
        {
            _ = Advise(address, (nuint)bytes, PopulateWrite);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    private static partial int Advise(nint address, nuint length, int advice);
}
