using SnapshotGrains.Client;
using SnapshotGrains.Nbd;

namespace SnapshotGrains.Exports;

/// <summary>
/// Exports every disk by its name (see <see cref="DiskExportName"/>) and every snapshot, read-only, as
/// <c>NAME@SNAP</c>.
/// </summary>
/// <param name="client">Knows disks and snapshots.</param>
/// <param name="disks">Attaches disks.</param>
/// <param name="open">Counts what is attached.</param>
public sealed class ExportProvider(SnapshotGrainsClient client, IDiskPlane disks, OpenExports open)
    : INbdExportProvider
{
    private const string SnapshotDescription = "Snapshot, read-only.";

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<NbdExportSummary>> ListAsync(CancellationToken ct)
    {
        var all = await client.Control.ListDisksAsync(ct).ConfigureAwait(false);
        var images = await client.Control.ListImagesAsync(ct).ConfigureAwait(false);
        return
        [
            .. all.Select(disk => new NbdExportSummary(disk.Name, DescriptionOf(disk))),
            .. images.Select(image => new NbdExportSummary(image.Id.ToString(), SnapshotDescription)),
        ];
    }

    /// <inheritdoc />
    public ValueTask<INbdExport?> OpenAsync(string name, CancellationToken ct) => TryAsync(
        name,
        async snapshot => new DiskExport(
            await client.OpenSnapshotAsync(snapshot, ct).ConfigureAwait(false), SnapshotDescription, open),
        async disk =>
        {
            var info = await DescribeAsync(disk, ct).ConfigureAwait(false);
            var attached = await disks.AttachAsync(disk, ct).ConfigureAwait(false);
            return new DiskExport(attached, DescriptionOf(info), open, disk.Form);
        });

    /// <inheritdoc />
    public ValueTask<INbdExport?> DescribeAsync(string name, CancellationToken ct) => TryAsync(
        name,
        async snapshot =>
        {
            var image = await client.Control.GetImageAsync(snapshot, ct).ConfigureAwait(false);
            return new DescribedExport(DiskExport.Describe(name, SnapshotDescription, image.SizeBytes, true));
        },
        async disk =>
        {
            var info = await DescribeAsync(disk, ct).ConfigureAwait(false);
            return new DescribedExport(DiskExport.Describe(
                info.Name,
                DescriptionOf(info),
                DiskLayers.BytesOf(info, disk.Form),
                disk.Access == DiskAccess.ReadOnly,
                disk.Form));
        });

    private async Task<DiskInfo> DescribeAsync(DiskExportName name, CancellationToken ct)
    {
        var disk = await client.Control.GetDiskAsync(name.Disk, ct).ConfigureAwait(false);
        return disk.Key is not null || name.Form != DiskForm.Ciphertext ? disk : throw new SnapshotGrainsException(
            ErrorCode.BadRequest, $"Disk '{disk.Name}' is not encrypted; attach it as '{disk.Name}'.");
    }

    private static async ValueTask<INbdExport?> TryAsync(
        string name, Func<SnapshotId, Task<INbdExport>> ofSnapshot, Func<DiskExportName, Task<INbdExport>> ofDisk)
    {
        try
        {
            return SnapshotId.TryParse(name, out var snapshot) ? await ofSnapshot(snapshot).ConfigureAwait(false)
                : DiskExportName.TryParse(name, out var disk) ? await ofDisk(disk).ConfigureAwait(false)
                : null;
        }
        catch (SnapshotGrainsException error) when (error.Code == ErrorCode.NotFound)
        {
            return null;
        }
        catch (SnapshotGrainsException error)
        {
            throw NbdErrors.TranslateRefusal(error);
        }
    }

    private static string DescriptionOf(DiskInfo disk) => disk.State == DiskState.Ready
        ? $"Disk, once cloned from {disk.Parent}." : $"Disk, clone of {disk.Parent}.";
}
