namespace SnapshotGrains.Cli.Output;

/// <summary>How a list of <typeparamref name="T"/> becomes a table.</summary>
/// <param name="name">An item's name, the first column.</param>
internal sealed class Table<T>(Func<T, string> name)
{
    private readonly List<TableColumn> _columns = [new("NAME")];
    private readonly List<Func<T, string>> _cells = [name];

    /// <summary>The columns, the name first.</summary>
    public IReadOnlyList<TableColumn> Headers => _columns;

    /// <summary>Adds a column of words.</summary>
    public Table<T> Text(string header, Func<T, string> cell) => Add(new TableColumn(header), cell);

    /// <summary>Adds a column of figures, which line up at the right.</summary>
    public Table<T> Figure(string header, Func<T, string> cell) => Add(new TableColumn(header, IsFigure: true), cell);

    /// <summary>An item's name.</summary>
    public string NameOf(T item) => name(item);

    /// <summary>An item's row.</summary>
    public IReadOnlyList<string> CellsOf(T item) => [.. _cells.Select(cell => cell(item))];

    private Table<T> Add(TableColumn column, Func<T, string> cell)
    {
        _columns.Add(column);
        _cells.Add(cell);
        return this;
    }
}
