package patuh.peer;

/** What rules see: elements of four kinds, and the violations that rules conclude. */
public final class Facts {
  private Facts() {}

  public abstract static class Element {
    private final int id;
    private int n0;
    private int n1;
    private int n2;
    private int n3;
    private int n4;
    private String status;
    private int code;
    private boolean f;
    private long until;
    private int owner;
    private int one;
    private int parts;

    Element(int id) {
      this.id = id;
    }

    public int getId() {
      return id;
    }

    public int getN0() {
      return n0;
    }

    public int getN1() {
      return n1;
    }

    public int getN2() {
      return n2;
    }

    public int getN3() {
      return n3;
    }

    public int getN4() {
      return n4;
    }

    public String getStatus() {
      return status;
    }

    public int getCode() {
      return code;
    }

    public boolean isF() {
      return f;
    }

    public long getUntil() {
      return until;
    }

    public int getOwner() {
      return owner;
    }

    public int getOne() {
      return one;
    }

    public int getParts() {
      return parts;
    }

    /** A field by its name, from the workload's text. */
    public void set(String field, String value) {
      switch (field) {
        case "status" -> status = value.intern();
        case "f" -> f = Boolean.parseBoolean(value);
        case "until" -> until = Long.parseLong(value);
        default -> setNumber(field, Integer.parseInt(value));
      }
    }

    private void setNumber(String field, int value) {
      switch (field) {
        case "n0" -> n0 = value;
        case "n1" -> n1 = value;
        case "n2" -> n2 = value;
        case "n3" -> n3 = value;
        case "n4" -> n4 = value;
        case "code" -> code = value;
        case "owner" -> owner = value;
        case "one" -> one = value;
        case "parts" -> parts = value;
        default -> throw new IllegalArgumentException(field);
      }
    }
  }

  public static final class App extends Element {
    public App(int id) {
      super(id);
    }
  }

  public static final class Part extends Element {
    public Part(int id) {
      super(id);
    }
  }

  public static final class Svc extends Element {
    public Svc(int id) {
      super(id);
    }
  }

  public static final class Dinas extends Element {
    private boolean g;

    public Dinas(int id) {
      super(id);
    }

    public boolean isG() {
      return g;
    }

    @Override
    public void set(String field, String value) {
      if (field.equals("g")) {
        g = Boolean.parseBoolean(value);
      } else {
        super.set(field, value);
      }
    }
  }

  public record Violation(String rule, int element) {}

  static Element element(String kind, int id) {
    return switch (kind) {
      case "app" -> new App(id);
      case "part" -> new Part(id);
      case "svc" -> new Svc(id);
      default -> new Dinas(id);
    };
  }
}
