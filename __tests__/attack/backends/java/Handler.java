import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;

/** Names itself in each answer. */
final class Handler extends HttpServlet {
    /** The handlers by what they are mapped to. An empty path is the root alone. */
    static final Map<String, String> MAPPINGS =
            Map.of("/admin/*", "admin", "/public/*", "public", "/closed", "closed", "", "root", "/", "none");

    private final String name;

    Handler(String name) {
        this.name = name;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) {
        response.setStatus(name.equals("none") ? 404 : 200);
        response.setHeader("x-handler", name);
    }
}
